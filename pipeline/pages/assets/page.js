// Texts on demand, filters and search, the theme. Whatever is shown of an article is set as text,
// never as markup; the policy of the page refuses anything else.
"use strict";

const RESULTS = 50;
const root = document.body.dataset.root;

// --- data: scripts beside the page, each of which hands over one value ---

const waiting = new Map();
const loaded = new Map();

globalThis.newsbeam = {
  add(name, value) {
    waiting.get(name)?.(value);
    waiting.delete(name);
  },
};

const NAME = /^\d{4}-\d\d-\d\d\/(search|texts-\d+)$/;
const policy = globalThis.trustedTypes?.createPolicy("newsbeam", {
  createScriptURL(name) {
    if (!NAME.test(name)) throw new TypeError(`${name} is no file of data`);
    return `${root}${name}.js`;
  },
});

function load(name) {
  if (!loaded.has(name)) {
    const promise = new Promise((resolve, reject) => {
      waiting.set(name, resolve);
      const script = document.createElement("script");
      script.src = policy ? policy.createScriptURL(name) : `${root}${name}.js`;
      script.onerror = () => reject(new Error(`${name} cannot be loaded`));
      document.head.append(script);
    });
    promise.catch(() => loaded.delete(name));
    loaded.set(name, promise);
  }
  return loaded.get(name);
}

// --- the text behind a summary ---

async function showText(details) {
  const place = details.querySelector(".paragraphs");
  if (!details.open || place.hasChildNodes()) return;
  place.ariaBusy = "true";
  try {
    const texts = await load(details.dataset.texts);
    const paragraphs = texts[details.dataset.id] ?? [];
    place.replaceChildren(...paragraphs.map(paragraph));
    if (!paragraphs.length) place.append(note("The text is no longer kept."));
  } catch {
    place.replaceChildren(note("The text cannot be loaded."));
  }
  place.ariaBusy = null;
}

function paragraph(parts) {
  const element = document.createElement("p");
  parts.forEach((part, number) => {
    if (number % 2) {
      const mark = document.createElement("mark");
      mark.textContent = part;
      element.append(mark);
    } else if (part) {
      element.append(part);
    }
  });
  return element;
}

function note(text) {
  const element = document.createElement("p");
  element.lang = "en";
  element.dir = "ltr";
  element.textContent = text;
  return element;
}

// `toggle` does not bubble; it is caught on its way down.
document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches?.("details.text")) showText(event.target);
  },
  true,
);

// --- stories as card.html has them ---

function clone(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

function link(url, text) {
  const element = document.createElement("a");
  element.href = url;
  element.rel = "noopener noreferrer external";
  element.textContent = text;
  return element;
}

function headline(report) {
  if (report.url) return link(report.url, report.headline);
  const element = document.createElement("span");
  element.textContent = report.headline;
  return element;
}

function inWords(element, report) {
  element.dir = report.dir;
  if (report.language) element.lang = report.language;
  return element;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function clock(at, dated) {
  const [, month, day] = at.slice(0, 10).split("-").map(Number);
  const time = at.slice(11, 16);
  return dated ? `${day} ${MONTHS[month - 1]}, ${time}` : time;
}

function facts(place, report, dated) {
  const source = document.createElement("bdi");
  source.className = "source";
  source.textContent = report.source;
  const time = document.createElement("time");
  time.dateTime = report.at;
  time.textContent = clock(report.at, dated);
  place.append(source, " ", time);
}

function copies(place, report) {
  if (!report.copies.length) return;
  const element = document.createElement("span");
  element.className = "copies";
  element.append("same text at");
  for (const url of report.copies) {
    element.append(" ", link(url, new URL(url).hostname.replace(/^www\./, "")));
  }
  place.append(element);
}

function reportItem(report, dated) {
  const item = clone("report-template");
  const [words, about] = item.children;
  inWords(words, report).append(headline(report));
  facts(about, report, dated);
  copies(about, report);
  return item;
}

function folded(card, kind, reports, singular, plural, dated) {
  const details = card.querySelector(`.${kind}`);
  if (!reports.length) return details.remove();
  const label = reports.length === 1 ? singular : plural;
  details.firstElementChild.textContent = `${reports.length} ${label}`;
  details.lastElementChild.append(...reports.map((report) => reportItem(report, dated)));
}

function storyCard(story, dated) {
  const card = clone("story-template");
  const { lead } = story;
  card.id = `s-${story.id}`;
  card.setAttribute("aria-labelledby", `h-${story.id}`);
  const title = card.querySelector("h3");
  title.id = `h-${story.id}`;
  inWords(title, lead).append(headline(lead));
  const about = card.querySelector(".facts");
  facts(about, lead, dated);
  if (story.sources.length > 1) {
    const many = document.createElement("strong");
    many.className = "many";
    many.textContent = `${story.sources.length} sources`;
    about.append(many);
  }
  for (const [label, page] of story.topics) {
    if (!page) continue;
    const topic = document.createElement("a");
    topic.className = "topic";
    topic.href = root + page;
    topic.textContent = label;
    about.append(topic);
  }
  copies(about, lead);
  inWords(card.querySelector(".summary"), lead).textContent = lead.summary;
  const made = card.querySelector(".made");
  if (lead.made) made.textContent = lead.made;
  else made.remove();
  const details = card.querySelector(".text");
  details.dataset.texts = story.texts;
  details.dataset.id = lead.id;
  details.querySelector(".unseen").textContent = `: ${lead.headline}`;
  inWords(details.querySelector(".paragraphs"), lead);
  folded(card, "others", story.others, "more report", "more reports", dated);
  folded(card, "repeats", story.repeats, "nearly the same text", "nearly the same texts", dated);
  return card;
}

// --- filters ---

function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function prepared(story) {
  const reports = [story.lead, ...story.others, ...story.repeats];
  const words = reports.flatMap((report) => [report.headline, report.source]);
  return {
    story,
    languages: new Set(reports.map((report) => report.language ?? "und")),
    topics: new Set(story.topics.map(([label]) => label)),
    sources: new Set(story.sources),
    words: fold([...words, story.lead.summary, ...story.sources].join("\n")),
  };
}

function matches(item, wanted) {
  return (
    (!wanted.topic || item.topics.has(wanted.topic)) &&
    (!wanted.source || item.sources.has(wanted.source)) &&
    (!wanted.language || item.languages.has(wanted.language)) &&
    (!wanted.story || item.story.id === wanted.story) &&
    wanted.words.every((word) => item.words.includes(word))
  );
}

class Filters {
  #form = document.querySelector("[data-filters]");
  #status = document.querySelector("[data-status]");
  #results = document.querySelector("[data-results]");
  #more = document.querySelector("[data-more]");
  #stories = document.querySelector("[data-stories]");
  #days;
  #dated;
  #items = [];
  #found = [];
  #asked = 0;

  constructor(sheet) {
    this.#days = sheet.dataset.days.trim().split(/\s+/).filter(Boolean);
    this.#dated = "dated" in sheet.dataset;
    this.#form.hidden = false;
    for (const element of document.querySelectorAll("[data-topic]")) {
      element.href = `#${new URLSearchParams({ topic: element.dataset.topic })}`;
    }
    let timer;
    this.#form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#remember(), 150);
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(timer);
      this.#remember();
    });
    this.#form.addEventListener("reset", () => {
      clearTimeout(timer);
      setTimeout(() => this.#remember());
    });
    this.#more.addEventListener("click", () => this.#showMore());
    globalThis.addEventListener("hashchange", () => this.#restore());
    this.#restore();
  }

  // The filters stand in the address, so that they can be sent to others and undone.
  #remember() {
    const chosen = [...new FormData(this.#form)].filter(([, value]) => value.trim());
    const hash = new URLSearchParams(chosen).toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname);
    this.#apply();
  }

  #restore() {
    if (!location.hash || location.hash.includes("=")) {
      const wanted = new URLSearchParams(location.hash.slice(1));
      for (const field of this.#form.elements) {
        if (field.name) field.value = wanted.get(field.name) ?? "";
      }
      this.#apply();
    } else {
      this.#find(location.hash.slice(3));
    }
  }

  // A link to a story leads to it wherever the day's pages have it.
  #find(story) {
    if (location.hash.startsWith("#s-") && !document.getElementById(`s-${story}`)) {
      this.#apply({ story });
    }
  }

  async #apply(only = {}) {
    const chosen = { ...Object.fromEntries(new FormData(this.#form)), ...only };
    const words = fold(chosen.q ?? "").split(/\s+/).filter(Boolean);
    const wanted = { ...chosen, words };
    const asked = ++this.#asked;
    const isIdle = !words.length && !["topic", "source", "language", "story"].some((k) => wanted[k]);
    if (!isIdle && !(await this.#loaded(asked))) return;
    if (asked !== this.#asked) return;
    const choices = this.#form.querySelector(".choices");
    if (choices && ["topic", "source", "language"].some((k) => wanted[k])) choices.open = true;
    this.#stories.hidden = !isIdle;
    this.#results.hidden = isIdle;
    this.#results.replaceChildren();
    this.#found = isIdle ? [] : this.#items.filter((item) => matches(item, wanted));
    this.#showMore();
    const count = this.#found.length;
    if (isIdle) this.#status.textContent = "";
    else this.#status.textContent = count === 1 ? "1 story" : `${count} stories`;
  }

  async #loaded(asked) {
    if (this.#items.length) return true;
    this.#status.textContent = "Loading …";
    try {
      const items = [];
      for (const day of this.#days) {
        const { stories } = await load(`${day}/search`);
        for (const story of stories) items.push(prepared(story));
      }
      this.#items = items;
      return true;
    } catch {
      if (asked === this.#asked) this.#status.textContent = "The index cannot be loaded.";
      return false;
    }
  }

  #showMore() {
    const shown = this.#results.children.length;
    const cards = this.#found.slice(shown, shown + RESULTS);
    this.#results.append(...cards.map(({ story }) => storyCard(story, this.#dated)));
    this.#more.hidden = shown + cards.length >= this.#found.length;
    if (shown && cards.length) this.#results.children[shown].querySelector("h3 *").focus();
  }
}

const sheet = document.querySelector("[data-days]");
if (sheet) new Filters(sheet);

// --- the theme ---

const button = document.querySelector("[data-theme-button]");
const THEMES = ["auto", "light", "dark"];

function theme() {
  return document.documentElement.dataset.theme ?? "auto";
}

button.hidden = false;
button.textContent = `Theme: ${theme()}`;
button.addEventListener("click", () => {
  const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length];
  if (next === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  button.textContent = `Theme: ${next}`;
  try {
    localStorage.setItem("newsbeam-theme", next);
  } catch {
    // It lasts as long as the page.
  }
});
