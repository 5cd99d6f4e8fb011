// The member's home: keeps the list fresh while it is open. Without this file
// everything is there; the page is as it was when it came.

const list = document.getElementById("keeps");
const said = document.getElementById("said");

// fresh asks for the page again and puts its list in the place of this one.
// What the reader had ticked stays ticked, and where they were they stay.
async function fresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["keeps", "chips", "count"]) {
    const now = document.getElementById(id);
    const then = page.getElementById(id);
    if (now && then && now.innerHTML !== then.innerHTML) put(now, then);
  }
}

function put(now, then) {
  const ticked = [...now.querySelectorAll("input:checked")].map((i) => i.id);
  const focused = now.contains(document.activeElement) ? document.activeElement : null;
  const place = focused?.id ? `#${CSS.escape(focused.id)}` : focused?.getAttribute("href") ? `a[href="${CSS.escape(focused.getAttribute("href"))}"]` : "";
  now.innerHTML = then.innerHTML; // rendered and escaped by the server, from the same templates as the page
  for (const id of ticked) {
    const box = document.getElementById(id);
    if (box) box.checked = true;
  }
  if (place) now.querySelector(place)?.focus();
  if (now === list) said.textContent = list.dataset.fresh;
}

if (list?.dataset.live) {
  const stream = new EventSource(list.dataset.live);
  stream.addEventListener("news", fresh);
}
