"""The daily page: a static site of what is published, a page a day; and the page of a run.

The modules:
    day         rows -> stories: what a page tells
    names       how pages are called, and how dates are written
    marked      an article's paragraphs, with what its summary took from them
    charts      counts as bars
    data_files  what a page loads when it is asked for: texts, the index of a search
    rendering   the templates, and the files they need
    feed_files  Atom and JSON Feed
    overviews   what is made of several days
    site        which files there are, and which are made anew
    run_facts   which runs there are, and what their manifests say
    run_articles what their rows and dead letters say
    run_text    a run, told in a terminal
    run_page    ... and on a page
    preview     a server for one's own machine

    templates/  jinja2, with autoescape
    assets/     style and scripts, as they are
"""
