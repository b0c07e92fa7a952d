"""What happened to one article, from what the output holds.

The modules:
    trail          finding it, and all that the output says of it
    story_reasons  what it has in common with others of its story
    topic_reasons  why it has its topics, computed again
    trail_text     ... told in a terminal
    trail_json     ... and to scripts
"""
