/*
 * Custom elements that make the pages of forms more comfortable.
 *
 * Every page works without this module, and also if it is blocked. Whatever it sends goes to the routes of the page's
 * own buttons, and it shows what these routes answer. It has no words of its own: they stand in the pages.
 *
 * A field of a form may have any name, and a form has a property for each of its fields. So nothing here reads a
 * property of a form whose name a field could have, such as `action`.
 */

/** The pause in typing after which a draft is saved, in milliseconds. */
const PAUSE = 2000;

/** The pause after a choice, or after a field was left. */
const SOON = 150;

/** The longest time for which typing is not saved. */
const LONGEST = 15000;

/** The longest time that a save may take. */
const PATIENCE = 20000;

/** The pauses before a save is tried again. */
const RETRIES = [3000, 10000, 30000, 60000];

/** The most suggestions that are shown at once. */
const MOST_SHOWN = 50;

/** The hidden fields in which a page remembers the content that it showed. */
const REMEMBERED = ["draft-stored", "draft-shown"];

const live = document.createElement("div");
live.className = "hidden";
live.setAttribute("role", "status");
live.setAttribute("aria-atomic", "false");
document.body.append(live);

/** Announces a text to screen readers. It leaves the page after a while, so that nobody reads it twice. */
function announce(text) {
  const line = document.createElement("p");
  line.textContent = text;
  live.append(line);
  setTimeout(() => line.remove(), 5000);
}

/** Lets the browser ask whether the page is to be left. */
function ask(event) {
  event.preventDefault();
  // Older browsers look only at this.
  event.returnValue = true;
}

/** Returns a text with values in the place of the names in braces. */
function filled(text = "", values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Posts a form. Resolves to the status and the page of the answer, or to the status 0 if there is no answer. */
function send(url, body, { progress, patience = 0 } = {}) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "document";
    request.timeout = patience;
    request.upload.onprogress = (event) => event.lengthComputable && progress?.(event.loaded / event.total);
    request.onload = () => resolve({ status: request.status, page: request.response });
    request.onerror = request.ontimeout = request.onabort = () => resolve({ status: 0, page: null });
    request.send(body);
  });
}

/** The functions of each form that return a promise if its submission has to wait. */
const gates = new WeakMap();

/**
 * Makes the submission of a form wait for promises. If one of them resolves to false, the form stays on the page.
 *
 * Two requests of one page may not cross, because the later one would seem to come from another page.
 */
function gate(form, pending) {
  const known = gates.get(form);
  if (known) {
    known.add(pending);
    return;
  }
  const all = new Set([pending]);
  gates.set(form, all);
  let passes = false;
  let waits = false;
  form.addEventListener("submit", async (event) => {
    const busy = passes ? [] : [...all].map((one) => one()).filter(Boolean);
    if (!busy.length || !form.requestSubmit) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (waits) return;
    waits = true;
    const results = await Promise.all(busy);
    waits = false;
    const by = event.submitter && (event.submitter.isConnected ? event.submitter : twin(event.submitter, document));
    if (results.includes(false) || (event.submitter && !by)) return;
    passes = true;
    form.requestSubmit(by);
    passes = false;
  });
}

/** Returns the control within a part of a page that is in the place of another one. */
function twin(control, within) {
  const same = (other) => other.value === control.value;
  const named = () => [...within.querySelectorAll(`[name="${CSS.escape(control.name)}"]`)].find(same);
  return within.querySelector(`#${CSS.escape(control.id || "-")}`) ?? (control.name ? named() : null) ?? null;
}

/** Puts a part of an answer in the place of a part of this page. The focus, the caret and open folds stay. */
function swap(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const { selectionStart: from, selectionEnd: to } = focused ?? {};
  const folds = fresh.querySelectorAll("details");
  old.querySelectorAll("details").forEach((fold, at) => folds[at] && (folds[at].open = fold.open));
  old.replaceWith(fresh);
  if (!focused) return;
  const again = twin(focused, fresh);
  if (!again) fresh.tabIndex = -1;
  (again ?? fresh).focus({ preventScroll: true });
  if (again && typeof from === "number") again.setSelectionRange(from, to);
}

/** Returns the boxes of a page that say what is wrong. */
function alerts(page) {
  return [...page.querySelectorAll("main > .box.bad[role=alert]")];
}

/** Brings the first of these boxes into sight, because it may stand far above what was pressed. */
function reveal(boxes) {
  boxes[0]?.scrollIntoView({ block: "center" });
}

/** Returns the questions of a form by their names. */
function questions(page) {
  return new Map([...page.querySelectorAll("[data-question]")].map((block) => [block.dataset.question, block]));
}

/** Returns a posted form without what the page remembers. */
function typedOf(body) {
  const fields = new URLSearchParams(body);
  REMEMBERED.forEach((name) => fields.delete(name));
  return fields;
}

/** Returns the content of each question in a posted form. */
function byQuestion(body) {
  const contents = new Map();
  for (const [name, value] of typedOf(body)) {
    const [question] = name.split(".");
    contents.set(question, `${contents.get(question) ?? ""}${name}=${value}\n`);
  }
  return contents;
}

/** Reads the hashes that a page remembers: `field.NAME:HASH`, separated by spaces. */
function hashes(text) {
  const parts = text.split(" ").filter((part) => part.includes(":"));
  return new Map(parts.map((part) => [part.slice(0, part.lastIndexOf(":")), part.slice(part.lastIndexOf(":"))]));
}

/** Returns a text that differs if a question has other controls. */
function shape(block) {
  const one = (control) => {
    const chosen = ["radio", "checkbox", "submit"].includes(control.type);
    return control.name + (chosen ? `=${control.value}` : "");
  };
  return [...block.querySelectorAll("[name]")].map(one).join("\n");
}

/** Brings the lists, computed values and labels of a question up to date. Returns whether a list changed. */
function refresh(old, fresh) {
  let changed = false;
  const codes = (select) => [...select.options].map((option) => option.value).join("\n");
  for (const list of fresh.querySelectorAll("select[id]")) {
    const mine = twin(list, old);
    if (mine?.tagName !== "SELECT" || codes(mine) === codes(list)) continue;
    const [before, now] = [mine.value, list.value];
    const offered = [...list.options];
    mine.replaceChildren(...offered);
    mine.value = offered.some((option) => option.value === before) ? before : now;
    changed = true;
  }
  for (const value of fresh.querySelectorAll("output[id]")) {
    const mine = twin(value, old);
    if (mine && mine.textContent !== value.textContent) mine.textContent = value.textContent;
  }
  const labels = (block) => [...block.querySelectorAll("label, legend")].filter((one) => !one.querySelector("input"));
  const [mine, theirs] = [labels(old), labels(fresh)];
  if (mine.length !== theirs.length) return changed;
  mine.forEach((label, at) => {
    if (label.textContent !== theirs[at].textContent) label.replaceChildren(...theirs[at].childNodes);
  });
  return changed;
}

/**
 * Saves a page of a draft while somebody types, and brings what depends on the answers up to date.
 *
 * `data-waiting`, `data-ended` and `data-refused` say why the page is not saved. `data-changed` says that other
 * questions are shown. The text inside says when the draft was saved.
 */
class DraftSaver extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    if (!this.form || this.remembered) return;
    this.remembered = {};
    this.failures = 0;
    /** The content of each question to which the remembered hashes belong. */
    this.known = byQuestion(this.body());
    this.form.dataset.live = "";
    const form = this.form;
    form.addEventListener("input", (event) => this.typed(event, PAUSE));
    form.addEventListener("change", (event) => this.typed(event, SOON));
    // The fields themselves stay as the server wrote them: a browser that restores a page restores what it showed.
    form.addEventListener("formdata", ({ formData }) => {
      Object.entries(this.remembered).forEach(([name, value]) => formData.set(name, value));
    });
    gate(form, () => this.sending ?? (this.lost && !this.stopped ? this.save() : null));
    form.addEventListener("submit", (event) => (this.leaves = !event.defaultPrevented));
    addEventListener("pageshow", () => (this.leaves = false));
    addEventListener("online", () => this.lost && this.schedule(SOON));
    addEventListener("beforeunload", (event) => {
      if (!this.leaves && this.dirty && (this.stopped || this.failures)) ask(event);
    });
    document.addEventListener("visibilitychange", () => this.turned());
  }

  typed(event, pause) {
    if (event.target.type === "file" || event.target.form !== this.form) return;
    // A text that was typed is saved already when its field is left. Some browsers tell a choice in a list only so.
    if (!this.dirty && event.type === "change" && event.target.tagName !== "SELECT") return;
    this.dirty = true;
    this.schedule(pause);
  }

  schedule(pause) {
    if (this.stopped) return;
    const now = Date.now();
    this.since ??= now;
    clearTimeout(this.timer);
    const rest = this.failures ? pause : Math.min(pause, Math.max(this.since + LONGEST - now, SOON));
    this.timer = setTimeout(() => this.save(), rest);
  }

  /** Saves a page that is hidden, because a phone may end it. Its answer is lost, so the same is sent again later. */
  turned() {
    if (document.visibilityState !== "hidden") {
      if (this.lost) this.schedule(SOON);
      return;
    }
    if (!this.dirty || this.sending || this.lost || this.stopped || this.leaves) return;
    const body = this.body();
    if (navigator.sendBeacon(this.form.getAttribute("action"), new URLSearchParams(body))) this.lost = body;
  }

  /** Returns the texts of the form, as the button that refreshes lists posts them. */
  body() {
    const texts = [...new FormData(this.form)].filter(([, value]) => typeof value === "string");
    return new URLSearchParams([...texts, ["do", "refresh"]]).toString();
  }

  /** Saves the page, with the files that were chosen in `drop`. Resolves to whether there was an answer. */
  async save(drop = null) {
    clearTimeout(this.timer);
    while (this.sending) await this.sending;
    if (this.leaves) return true;
    this.sending = this.attempt(drop);
    const answered = await this.sending;
    this.sending = null;
    if (!answered) this.schedule(RETRIES[Math.min(this.failures, RETRIES.length) - 1]);
    else if (this.dirty) this.schedule(PAUSE);
    return answered;
  }

  async attempt(drop) {
    const url = this.form.getAttribute("action");
    if (this.lost && this.lost !== this.body()) {
      // An answer was lost. The same content again is no change, and its answer says what the draft has now.
      const lost = this.lost;
      const answer = await send(url, new URLSearchParams(lost), { patience: PATIENCE });
      if (!this.took(answer, lost, null)) return false;
      if (this.stopped) return true;
    }
    const body = this.body();
    const files = drop?.files() ?? [];
    this.lost = body;
    this.since = null;
    let content = new URLSearchParams(body);
    if (files.length) {
      content = new FormData();
      new URLSearchParams(body).forEach((value, name) => content.append(name, value));
      files.forEach((file) => content.append(drop.input.name, file));
    }
    const options = files.length ? { progress: (part) => drop.progress(part) } : { patience: PATIENCE };
    return this.took(await send(url, content, options), body, drop);
  }

  /** Takes in the answer to a posted form. Returns whether there was one. */
  took({ status, page }, body, drop) {
    if (status === 0 || status >= 500) {
      this.failures += 1;
      this.tell(this.dataset.waiting, true);
      return false;
    }
    this.lost = null;
    const again = this.failures > 0 || !this.told;
    this.failures = 0;
    const saver = page?.querySelector("draft-saver");
    if (!saver || ![200, 422].includes(status)) {
      if ([401, 403].includes(status)) this.stop(this.dataset.ended);
      else this.stop(this.dataset.refused, page);
      return true;
    }
    const same = typedOf(body).toString() === typedOf(this.body()).toString();
    if (same) this.dirty = false;
    this.alerts?.forEach((box) => box.remove());
    this.alerts = status === 422 ? alerts(page) : [];
    if (this.alerts.length) alerts(document).forEach((box) => box.remove());
    this.form.before(...this.alerts);
    const overlaps = this.alerts.some((box) => box.id === "overlaps");
    const remembered = REMEMBERED.map((name) => page.querySelector(`input[name="${name}"]`)?.value ?? "");
    const shown = this.merge(page, same, drop?.closest("[data-question]"));
    this.remember(remembered, body, shown);
    if (status === 422 && (overlaps || !drop)) {
      this.stop(this.dataset.refused);
    } else {
      this.tell(saver.textContent.trim(), again);
      this.told = true;
    }
    return true;
  }

  /**
   * Remembers what an answer says of the questions that were typed into, and of those in `shown`, which show the
   * answer. The others show what they did, even if another page has changed them, so they stay remembered as they were.
   */
  remember(remembered, body, shown) {
    const [posted, now] = [byQuestion(body), byQuestion(this.body())];
    REMEMBERED.forEach((name, at) => {
      const mine = hashes(this.remembered[name] ?? this.form.querySelector(`input[name="${name}"]`).value);
      for (const [part, hash] of hashes(remembered[at])) {
        const question = part.replace(/^field\./, "");
        const isTyped = posted.get(question) !== this.known.get(question);
        if (isTyped || shown.has(question) || !mine.has(part)) mine.set(part, hash);
      }
      this.remembered[name] = [...mine].map(([part, hash]) => part + hash).join(" ");
    });
    this.known = posted;
    shown.forEach((question) => this.known.set(question, now.get(question)));
  }

  /**
   * Ends saving until somebody presses a button. What is typed stays on the page, and the text says what to do. A page
   * of an error gives its title and the link to a dossier, if it has one.
   */
  stop(text, page = null) {
    this.stopped = true;
    this.dirty = true;
    const heading = page?.querySelector("main h1")?.textContent.trim();
    this.tell(heading ? `${heading}. ${text}` : text, true);
    const link = page?.querySelector("main a.button[href^='/dossiers/']");
    if (!link) return;
    link.target = "_blank";
    this.append(link);
  }

  /** Shows the state of saving, and announces it if that is news. */
  tell(text, isNews) {
    const line = this.querySelector("p") ?? this;
    const failed = this.stopped || this.failures > 0;
    if (isNews && line.textContent.trim() !== text) announce(text);
    line.textContent = text;
    line.className = failed ? "hint" : "quiet";
    if (failed) delete this.form.dataset.live;
    else this.form.dataset.live = "";
  }

  /**
   * Shows the questions of an answer: new ones, other lists, other rows. What was typed meanwhile stays. Returns the
   * questions that are shown as the answer has them.
   */
  merge(page, same, forced) {
    const [now, fresh, shown] = [questions(document), questions(page), new Set()];
    let [changed, last] = [false, null];
    for (const [name, block] of fresh) {
      const old = now.get(name);
      const chosen = old && [...old.querySelectorAll("input[type=file]")].some((input) => input.files.length);
      if (!old) {
        if (last) last.after(block);
        else this.form.querySelector("[data-question], .buttons")?.before(block);
        shown.add(name);
        changed = true;
      } else if (same && !chosen && (old === forced || shape(old) !== shape(block))) {
        changed ||= old !== forced;
        swap(old, block);
        shown.add(name);
      } else {
        changed = refresh(old, block) || changed;
      }
      last = block.isConnected && block.ownerDocument === document ? block : old;
    }
    for (const [name, old] of now) {
      if (fresh.has(name) || !same || old.contains(document.activeElement)) continue;
      old.remove();
      changed = true;
    }
    if (changed) announce(this.dataset.changed);
    return shown;
  }
}

/**
 * Sends files as soon as they are chosen or dropped, each with its progress, to the route of the button inside.
 *
 * `data-sending`, `data-sent`, `data-failed` and `data-ended` are the texts, with `{name}`. Files that were not sent
 * stay chosen, so that the button sends them.
 */
class FileDrop extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input[type=file]");
    this.form = this.closest("form");
    this.saver = this.form?.querySelector("draft-saver");
    this.button = this.querySelector("button[formaction]");
    // A form without a draft sends its files with its own buttons.
    if (!this.input || this.zone || !(this.saver || this.button)) return;
    this.dataset.live = "";
    this.queue = [];
    this.zone = this.closest("section, [data-question]") ?? this;
    this.input.addEventListener("change", () => this.take([...this.input.files]));
    this.zone.addEventListener("dragover", (event) => this.over(event, true));
    this.zone.addEventListener("dragleave", (event) => this.over(event, false));
    this.zone.addEventListener("drop", (event) => {
      if (this.over(event, false)) this.take([...event.dataTransfer.files]);
    });
    gate(this.form, () => this.sending);
  }

  over(event, isOver) {
    if (!event.dataTransfer?.types.includes("Files")) return false;
    event.preventDefault();
    this.classList.toggle("over", isOver);
    return true;
  }

  files() {
    return this.queue;
  }

  /** Sends files, after those that are being sent. */
  async take(files) {
    if (!files.length) return;
    this.querySelector(".finding")?.remove();
    this.queue.push(...files);
    if (this.saver?.stopped) {
      this.choose(this.queue);
      return;
    }
    this.input.value = "";
    if (this.sending) return;
    this.sending = this.saver ? this.sendWith(this.saver) : this.sendEach();
    await this.sending;
    this.sending = null;
  }

  /** Shows how much was sent, of one file or of all. */
  progress(part, files = this.queue) {
    let line = this.querySelector(".sending");
    const text = filled(this.dataset.sending, { name: names(files) });
    if (!line) {
      line = document.createElement("p");
      line.className = "sending";
      line.append(document.createElement("span"), document.createElement("progress"));
      this.append(line);
    }
    const [label, bar] = line.children;
    if (label.textContent !== text) announce(text);
    label.textContent = text;
    bar.setAttribute("aria-label", text);
    bar.value = part;
  }

  /** Sends all files with the texts of their form, so that nothing that was typed is lost. */
  async sendWith(saver) {
    while (this.queue.length) {
      this.progress(0);
      const sent = [...this.queue];
      const answered = await saver.save(this);
      if (!answered || saver.stopped) {
        this.fail(answered ? this.dataset.ended : this.dataset.failed);
        return true;
      }
      this.queue = this.queue.slice(sent.length);
      this.querySelector(".sending")?.remove();
      if (saver.alerts.length) reveal(saver.alerts);
      else announce(filled(this.dataset.sent, { name: names(sent) }));
    }
    return true;
  }

  /** Sends one file after the other, so that one that is refused does not stop the others. */
  async sendEach() {
    const url = this.button.getAttribute("formaction");
    const [problems, sent] = [[], []];
    let [section, failed] = [null, ""];
    while (this.queue.length && !failed) {
      const [file] = this.queue;
      const progress = (part) => this.progress(part, [file]);
      progress(0);
      const body = new FormData();
      body.append("proof", new FormData(this.form).get("proof"));
      body.append(this.input.name, file);
      const { status, page } = await send(url, body, { progress });
      const fresh = page?.getElementById(this.zone.id);
      if (fresh && [200, 422].includes(status)) {
        this.queue.shift();
        section = fresh;
        if (status === 422) problems.push(...alerts(page));
        else sent.push(file);
      } else {
        failed = [401, 403].includes(status) ? this.dataset.ended : this.dataset.failed;
      }
    }
    alerts(document).forEach((box) => box.remove());
    this.form.before(...problems);
    const next = this.show(section);
    reveal(problems);
    if (sent.length) announce(filled(this.dataset.sent, { name: names(sent) }));
    if (failed) next.fail(failed, this.queue);
    return true;
  }

  /** Shows the paper with its new files. Returns the element in the place of this one. */
  show(section) {
    this.querySelector(".sending")?.remove();
    if (!section) return this;
    const chosen = this.zone.querySelector("select");
    const list = chosen && twin(chosen, section);
    if (list && [...list.options].some((option) => option.value === chosen.value)) list.value = chosen.value;
    swap(this.zone, section);
    return section.querySelector("file-drop") ?? this;
  }

  /** Keeps files chosen, so that a button sends them. */
  choose(files) {
    const chosen = new DataTransfer();
    files.forEach((file) => chosen.items.add(file));
    this.input.files = chosen.files;
    this.queue = [];
  }

  /** Says that files were not sent, and keeps them chosen. */
  fail(text, files = this.queue) {
    this.querySelector(".sending")?.remove();
    const line = document.createElement("p");
    line.className = "finding";
    line.textContent = filled(text, { name: names(files) });
    announce(line.textContent);
    this.choose(files);
    delete this.dataset.live;
    this.prepend(line);
  }
}

/** Returns the names of files. */
function names(files) {
  return files.map((file) => file.name).join(", ");
}

/** Returns a text without accents, as people type who are in a hurry. */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[\u0111\u0110]/g, "d").toLowerCase();
}

/** Returns the entries that have the words of a query, the nearest first. If none has all, those with most of them. */
function found(entries, query) {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const near = (entry) => {
    const has = words.filter((word) => entry.key.includes(word));
    const begins = has.filter((word) => ` ${entry.key}`.includes(` ${word}`)).length;
    const first = words.length && entry.key.startsWith(words[0]) ? 1 : 0;
    return { entry, has: has.length, near: begins * 2 + first };
  };
  const all = entries.map(near);
  const most = all.reduce((best, { has }) => Math.max(best, has), 0);
  if (most * 2 < words.length) return [];
  const best = all.filter(({ has }) => has === most);
  return best.sort((one, other) => other.near - one.near).map(({ entry }) => entry);
}

/** The number of the next list of suggestions, for its id. */
let lists = 0;

/**
 * Turns a text with suggestions into a combobox whose search forgives missing accents, other orders and a wrong word.
 *
 * `data-count` and `data-none` say how many suggestions there are, with `{count}`.
 */
class SearchBox extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input[list]");
    const offered = this.querySelector("datalist");
    if (!this.input || !offered) return;
    this.entries = [...offered.options].map(({ value }) => ({ value, key: plain(value) }));
    this.list = document.createElement("ul");
    this.list.id = `suggestions-${lists++}`;
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.input.labels[0]?.textContent.trim() ?? "");
    this.append(this.list);
    const attributes = {
      "role": "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
    };
    Object.entries(attributes).forEach(([name, value]) => this.input.setAttribute(name, value));
    this.input.removeAttribute("list");
    this.input.addEventListener("input", (event) => event.isTrusted && this.search());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.input.addEventListener("blur", () => this.close());
    // The focus stays in the text while the list is pressed.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[role=option]")));
  }

  search() {
    const all = found(this.entries, this.input.value);
    const shown = all.slice(0, MOST_SHOWN).map(({ value }, at) => {
      const option = document.createElement("li");
      option.id = `${this.list.id}-${at}`;
      option.textContent = value;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      return option;
    });
    this.list.replaceChildren(...shown);
    this.mark(null);
    this.list.hidden = !shown.length;
    this.input.setAttribute("aria-expanded", String(shown.length > 0));
    clearTimeout(this.timer);
    const { count, none } = this.dataset;
    this.timer = setTimeout(() => announce(all.length ? filled(count, { count: all.length }) : none), PAUSE / 2);
  }

  mark(option) {
    this.marked?.setAttribute("aria-selected", "false");
    this.marked = option;
    if (!option) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  pressed(event) {
    if (event.isComposing) return;
    const isOpen = !this.list.hidden;
    const { firstElementChild: first, lastElementChild: last } = this.list;
    const keys = {
      ArrowDown: () => (isOpen ? this.mark(this.marked?.nextElementSibling ?? first) : this.search()),
      ArrowUp: () => (isOpen ? this.mark(this.marked?.previousElementSibling ?? last) : this.search()),
      Enter: isOpen && this.marked ? () => this.choose(this.marked) : null,
      Escape: isOpen ? () => this.close() : null,
    };
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (!act) return;
    event.preventDefault();
    act();
  }

  choose(option) {
    if (!option) return;
    this.input.value = option.textContent;
    this.close();
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  close() {
    clearTimeout(this.timer);
    this.mark(null);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }
}

/**
 * Asks before a page is left whose form has text that was not sent, in the browser's words.
 *
 * `data-typed` says that the page came back with such text.
 */
class UnsentGuard extends HTMLElement {
  connectedCallback() {
    const form = this.closest("form");
    if (!form || this.guards) return;
    this.guards = true;
    let leaves = false;
    const isTyped = ({ type, files, value, defaultValue }) =>
      type === "file" ? files.length > 0 : type !== "hidden" && value !== defaultValue;
    const typed = () => "typed" in this.dataset || [...form.querySelectorAll("textarea, input")].some(isTyped);
    form.addEventListener("submit", () => (leaves = true));
    addEventListener("pageshow", () => (leaves = false));
    addEventListener("beforeunload", (event) => {
      if (!leaves && typed()) ask(event);
    });
  }
}

/**
 * Adds a button that copies the text of a field, if the browser can copy.
 *
 * `data-label` is the text of the button, and `data-done` its text after copying.
 */
class CopyText extends HTMLElement {
  connectedCallback() {
    const field = this.querySelector("input");
    if (!field || this.button || !navigator.clipboard) return;
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "small";
    this.button.textContent = this.dataset.label;
    this.button.addEventListener("click", () => this.copy(field));
    field.addEventListener("focus", () => field.select());
    this.append(this.button);
  }

  async copy(field) {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.focus();
      return;
    }
    this.button.textContent = this.dataset.done;
    announce(this.dataset.done);
  }
}

/** The entry in which a browser remembers that the keys are switched off. */
const KEYS_OFF = "desk-keys-off";

/** Returns the store of the browser, or nothing if the browser gives none. */
function store() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/**
 * Lets officers work with single keys: `/` goes to the search, `j` and `k` to the next and the previous row of a list,
 * and `?` to the list of the keys. Enter opens a row, because the focus is on its link.
 *
 * The element has the list of the keys, which is hidden without this module, and a box that switches the keys off. While
 * a control has the focus, each key is the control's.
 */
class DeskKeys extends HTMLElement {
  connectedCallback() {
    this.fold = this.querySelector("details");
    this.off = this.querySelector("input[type=checkbox]");
    if (!this.fold || !this.off) return;
    this.hidden = false;
    this.off.checked = store()?.getItem(KEYS_OFF) === "yes";
    this.off.onchange = () => store()?.setItem(KEYS_OFF, this.off.checked ? "yes" : "no");
    this.pressed ??= (event) => this.press(event);
    document.addEventListener("keydown", this.pressed);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.pressed);
  }

  press(event) {
    const isTyped = event.target.closest?.("input, textarea, select, [contenteditable]");
    const isOther = event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented;
    if (this.off.checked || isTyped || isOther) return;
    const keys = { "/": () => this.search(), j: () => this.move(1), k: () => this.move(-1), "?": () => this.show() };
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  }

  search() {
    document.querySelector("#staff-search")?.focus();
  }

  /** Gives the focus to the row that is so many rows away. Without a row, it begins at an end of the list. */
  move(step) {
    const rows = [...document.querySelectorAll("[data-row]")];
    const at = rows.findIndex((row) => row.closest("tr")?.contains(document.activeElement));
    const from = at < 0 && step < 0 ? rows.length : at;
    rows[Math.max(0, Math.min(from + step, rows.length - 1))]?.focus();
  }

  show() {
    this.fold.open = true;
    this.fold.querySelector("summary")?.focus();
  }
}

customElements.define("copy-text", CopyText);
customElements.define("desk-keys", DeskKeys);
customElements.define("draft-saver", DraftSaver);
customElements.define("file-drop", FileDrop);
customElements.define("search-box", SearchBox);
customElements.define("unsent-guard", UnsentGuard);
