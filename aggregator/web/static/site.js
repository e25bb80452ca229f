// Search on a site of files: shows the stories of the index that have all words.
"use strict";
(async () => {
  const form = document.querySelector("form[data-index]");
  const field = form.querySelector("input");
  const list = document.getElementById("found");
  const status = document.getElementById("count");
  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const response = await fetch(form.dataset.index);
  const stories = await response.json();
  const texts = stories.map(([headline, , day, words]) => folded(`${headline} ${day} ${words}`));
  const line = ([headline, file, day]) => {
    const item = document.createElement("li");
    const title = document.createElement("h3");
    const link = document.createElement("a");
    const meta = document.createElement("p");
    item.dataset.item = "";
    title.dir = "auto";
    link.href = file;
    link.textContent = headline;
    meta.className = "meta";
    meta.textContent = day;
    title.append(link);
    item.append(title, meta);
    return item;
  };
  const show = () => {
    const words = folded(field.value).split(/\s+/u).filter(Boolean);
    const found = words.length ? stories.filter((_, at) => words.every((word) => texts[at].includes(word))) : [];
    list.replaceChildren(...found.slice(0, 200).map(line));
    if (words.length) status.textContent = form.dataset.found.replace("{count}", found.length);
  };
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  field.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
})();
