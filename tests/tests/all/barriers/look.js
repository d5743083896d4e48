// Looks at the page that is open, and calls back with its barriers, each as a line that begins with the rule.
// The page has axe-core. The arguments are the width of the screen and the function to call.
const [width, done] = arguments;
const found = [];
const short = (text) => text.replace(/\s+/g, " ").trim().slice(0, 240);

// A phone shows a page that is too wide smaller, so its own width says nothing.
const wide = document.scrollingElement.scrollWidth;
if (wide > width) {
  const sticks = [...document.body.querySelectorAll("*")].filter((part) => part.getBoundingClientRect().right > width);
  found.push(`scrolls-sideways: ${wide} pixels ${short(sticks.at(-1)?.outerHTML ?? "")}`);
}

// Nothing comes from another host.
for (const { name } of performance.getEntriesByType("resource")) {
  if (!name.startsWith(`${location.origin}/`)) found.push(`other-host: ${name}`);
}

// A summary of errors says so in the title, gets the focus, and leads to the fields.
const summaries = [...document.querySelectorAll('main [role="alert"]')].filter(
  (box) => box.matches(".bad") || box.querySelector('a[href^="#"]'),
);
if (summaries.length > 0) {
  const begins = document.documentElement.lang === "vi" ? "Lỗi: " : "Error: ";
  if (!document.title.startsWith(begins)) found.push(`title-of-errors: ${document.title}`);
  if (!document.querySelector("[autofocus]")) found.push(`focus-of-errors: ${short(summaries[0].outerHTML)}`);
}
for (const link of summaries.flatMap((box) => [...box.querySelectorAll('a[href^="#"]')])) {
  const target = decodeURIComponent(link.getAttribute("href").slice(1));
  if (!document.getElementById(target)) found.push(`link-of-errors: #${target} is not on the page`);
}

// Buttons that do different things have different names.
const deeds = new Map();
axe.setup(document);
for (const button of document.querySelectorAll("button:not([aria-hidden])")) {
  if (!button.checkVisibility()) continue;
  const name = axe.commons.text.accessibleText(button);
  const hidden = [...(button.form?.querySelectorAll('input[type="hidden"]') ?? [])];
  const sent = hidden.map((field) => `${field.name}=${field.value}`).join("&");
  const address = button.getAttribute("formaction") ?? button.form?.getAttribute("action") ?? "";
  const deed = [address, button.name, button.value, sent].join(" ");
  if (!deeds.has(name)) deeds.set(name, deed);
  else if (deeds.get(name) !== deed) found.push(`repeated-name: ${name} | ${short(button.outerHTML)}`);
}
axe.teardown();

// The bar of a page for applicants is one row on a phone.
const bar = document.querySelector("header.top");
if (width <= 360 && bar && !bar.querySelector(".search") && bar.offsetHeight > 64) {
  found.push(`tall-bar: ${bar.offsetHeight} pixels`);
}

// axe leaves the size of targets out, unless it is asked (WCAG 2.2, 2.5.8).
const options = { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } };

const judge = async (part) => {
  const { violations } = await axe.run(part, options);
  for (const { id, nodes } of violations) {
    for (const { target, html } of nodes) found.push(`${id}: ${target.join(" ")} | ${short(html)}`);
  }
};

const judgeAll = async () => {
  await judge(document);
  // Menus that open over the page cover it, so each is looked at in its turn.
  for (const button of document.querySelectorAll("[popovertarget]")) {
    if (!button.checkVisibility()) continue;
    const menu = button.popoverTargetElement;
    menu.showPopover();
    if (document.scrollingElement.scrollWidth > width) found.push(`scrolls-sideways: ${short(menu.outerHTML)}`);
    await judge(menu);
    menu.hidePopover();
  }
};

// Readers may put letters, words and lines further apart (WCAG 2.2, 1.4.12).
const space = () => {
  const apart = document.createElement("style");
  apart.textContent = `
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
    p { margin-bottom: 2em !important; }`;
  document.head.append(apart);
  const spaced = document.scrollingElement.scrollWidth;
  if (spaced > width && wide <= width) found.push(`scrolls-sideways: ${spaced} pixels with letters apart`);
  apart.remove();
};

judgeAll().then(
  () => {
    space();
    done(found);
  },
  (error) => done([`axe: ${error}`]),
);
