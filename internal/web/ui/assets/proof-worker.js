// Looks for digits that, behind the challenge, make a SHA-256 with enough
// leading zeros. proof.js starts it.

const text = new TextEncoder();
const together = 256; // digests asked for at a time

const zeros = (digest) => {
  const view = new DataView(digest);
  const high = Math.clz32(view.getUint32(0));
  return high < 32 ? high : 32 + Math.clz32(view.getUint32(4));
};

self.onmessage = async (e) => {
  const { challenge, bits } = e.data;
  for (let first = 0; ; first += together) {
    const digests = await Promise.all(Array.from({ length: together }, (_, i) =>
      crypto.subtle.digest("SHA-256", text.encode(`${challenge}.${first + i}`))));
    const found = digests.findIndex((d) => zeros(d) >= bits);
    if (found >= 0) {
      self.postMessage(String(first + found));
      return;
    }
  }
};
