// Keys on the pages: j and k move through the list, o opens, s saves for later, / searches, ? shows this help.
"use strict";
(() => {
  const { search } = document.currentScript.dataset;
  const items = [...document.querySelectorAll("[data-item]")];
  // URL encodes an id as the browser did, and accepts every text.
  let place = items.findIndex((item) => item.id && new URL(`#${item.id}`, location.href).hash === location.hash);
  const link = (item) => item.querySelector("a[href]");
  const go = (step) => {
    if (!items.length) return;
    place = Math.min(Math.max(place + step, 0), items.length - 1);
    items.forEach((item, at) => item.classList.toggle("current", at === place));
    items[place].scrollIntoView({ block: "nearest" });
    link(items[place])?.focus({ preventScroll: true });
  };
  const actions = {
    j: () => go(1),
    k: () => go(-1),
    o: () => items[place] && link(items[place])?.click(),
    s: () => (items[place] ?? (items.length ? null : document))?.querySelector("[data-save]")?.click(),
    "/": () => {
      const field = document.querySelector("input[type=search]");
      if (field) field.focus();
      else if (search) location.assign(search);
    },
    "?": () => document.getElementById("keys")?.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !(event.key in actions)) return;
    event.preventDefault();
    actions[event.key]();
  });
  if (place >= 0) go(0);
})();
