// What every page does with script: the theme switch, Waypost's own times in
// the reader's zone, copying, sharing.

const root = document.documentElement;
const said = document.getElementById("said");

// say tells a screen reader, and shows nothing.
const say = (text) => { said.textContent = text; };

// --- theme: system → light → dark → system
const themeSwitch = document.querySelector("[data-theme-switch]");

function showTheme() {
  const name = themeSwitch.dataset[root.dataset.theme ?? "auto"];
  themeSwitch.setAttribute("aria-label", name);
  themeSwitch.title = name;
}

themeSwitch.addEventListener("click", () => {
  const next = { auto: "light", light: "dark", dark: "auto" }[root.dataset.theme ?? "auto"];
  if (next === "auto") delete root.dataset.theme;
  else root.dataset.theme = next;
  try {
    if (next === "auto") localStorage.removeItem("theme");
    else localStorage.setItem("theme", next);
  } catch {
    // Without storage the choice holds for this page only.
  }
  showTheme();
  say(themeSwitch.title);
});
showTheme();

// --- times: the server writes UTC; here the reader's zone is known
const day = new Intl.DateTimeFormat(root.lang, { day: "numeric", month: "short" });
const clock = new Intl.DateTimeFormat(root.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function localTimes(within) {
  for (const t of within.querySelectorAll("time[data-instant]")) {
    const at = new Date(t.dateTime);
    const today = at.toDateString() === new Date().toDateString();
    t.title = t.textContent;
    t.textContent = today ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`;
    delete t.dataset.instant;
  }
}
localTimes(document);
document.addEventListener("waypost:fresh", (e) => localTimes(e.target));

// --- copy and share: one listener, so that cards which arrive later have it too
document.addEventListener("click", async (e) => {
  const copy = e.target.closest("[data-copy]");
  const share = e.target.closest("a[data-share]");
  if (!copy && !share) return;
  e.preventDefault();
  const text = copy ? copy.dataset.copy : new URL(share.getAttribute("href"), location.href).href;
  try {
    if (share && navigator.share && matchMedia("(pointer: coarse)").matches) {
      await navigator.share({ url: text });
      return;
    }
    await navigator.clipboard.writeText(text);
    mark(copy ?? share);
    say(said.dataset.copied);
  } catch (err) {
    if (err.name === "AbortError") return; // the reader closed the share sheet
    if (share) location.assign(share.href);
    else say(said.dataset.uncopied);
  }
});

// mark shows for two seconds that something was copied.
function mark(button) {
  button.dataset.done = "";
  setTimeout(() => delete button.dataset.done, 2000);
}

// A menu closes when it is left.
for (const menu of document.querySelectorAll("details.langs, details.me")) {
  menu.addEventListener("focusout", (e) => { if (!menu.contains(e.relatedTarget)) menu.open = false; });
  menu.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
