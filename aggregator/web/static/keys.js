// Keys on the pages: j and k move through the list, o opens, / searches, ? shows this help.
"use strict";
(() => {
  const items = [...document.querySelectorAll("[data-item]")];
  let place = -1;
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
    o: () => link(items[place] ?? document.createElement("p"))?.click(),
    "/": () => {
      const field = document.querySelector("input[type=search]");
      if (field) field.focus();
      else document.querySelector("a[data-search]")?.click();
    },
    "?": () => document.getElementById("keys")?.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !(event.key in actions)) return;
    event.preventDefault();
    actions[event.key]();
  });
})();
