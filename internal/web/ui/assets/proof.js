// Shows that no robot asks: a worker looks for the answer to the page's
// challenge, which takes a few seconds, and sends the form. Where there is no
// WebCrypto (a page over plain http), one waits and presses the button.

const form = document.querySelector("form[data-proof]");
const said = document.querySelector("[data-proof-says]");
const button = form.querySelector("button");

const byHand = () => {
  said.textContent = form.dataset.byHand;
  button.disabled = false;
};

if (globalThis.isSecureContext && crypto.subtle) {
  button.disabled = true;
  const worker = new Worker(form.dataset.worker);
  worker.onmessage = (e) => {
    form.elements.namedItem("answer").value = e.data;
    button.disabled = false;
    form.requestSubmit();
  };
  worker.onerror = byHand;
  worker.postMessage({ challenge: form.dataset.proof, bits: Number(form.dataset.bits) });
} else {
  byHand();
}
