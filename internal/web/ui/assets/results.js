// The list of parcels: takes cards as the server sends them, and filters them
// in place. Without this file the page asks again by itself and the filters
// are links.

const list = document.getElementById("parcels");
const said = document.getElementById("said");

// The list may have come by POST; this is the address under which it can be
// opened again.
if (list.dataset.here) history.replaceState(null, "", list.dataset.here);

// --- filters
const filters = [...document.querySelectorAll("[data-filter]")];
let chosen = filters.find((f) => f.hasAttribute("aria-current"))?.dataset.filter ?? "";

function showChosen() {
  for (const f of filters) {
    if (f.dataset.filter === chosen) f.setAttribute("aria-current", "true");
    else f.removeAttribute("aria-current");
  }
  for (const card of list.children) card.hidden = chosen !== "" && card.dataset.group !== chosen;
}

function count() {
  const groups = {};
  for (const card of list.children) groups[card.dataset.group] = (groups[card.dataset.group] ?? 0) + 1;
  for (const f of filters) {
    const n = f.dataset.filter === "" ? list.children.length : groups[f.dataset.filter] ?? 0;
    f.querySelector("[data-count]").textContent = n;
    f.parentElement.hidden = n === 0 && f.dataset.filter !== chosen;
  }
}

for (const f of filters) {
  f.addEventListener("click", (e) => {
    if (e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    chosen = f.dataset.filter;
    showChosen();
    history.replaceState(null, "", f.href);
  });
}

// --- live
function put(fresh) {
  const made = document.createElement("template");
  made.innerHTML = fresh.html; // rendered and escaped by the server, from the same templates as the page
  const card = made.content.firstElementChild;
  const old = document.getElementById(card.id);
  if (!old) return;
  // What the reader had opened stays open, and where they were they stay.
  for (const d of card.querySelectorAll("details[data-part]")) {
    d.open = old.querySelector(`details[data-part="${d.dataset.part}"]`)?.open ?? d.open;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  const changed = old.dataset.label !== card.dataset.label;
  old.replaceWith(card);
  card.dispatchEvent(new CustomEvent("waypost:fresh", { bubbles: true }));
  if (focused) card.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  if (changed) {
    card.classList.add("fresh");
    said.textContent = fresh.say;
  }
  count();
  showChosen();
}

if (list.dataset.live) {
  const stream = new EventSource(list.dataset.live);
  stream.addEventListener("card", (e) => put(JSON.parse(e.data)));
  // The server says so when nothing more is expected for a long while.
  stream.addEventListener("rest", () => stream.close());
  // EventSource tries again by itself, except when the server refused: then
  // the page is asked for again, gently.
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 30_000);
  });
}
