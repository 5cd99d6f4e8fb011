// Drives nwalke/17track-notion-worker (v2.4) through a registration's life.
import loaded from "./src/index.ts";

const worker: any = (loaded as any).default ?? loaded;
process.env.TRACK17_API_TOKEN = process.env.WAYPOST_KEY;
const number = process.env.WAYPOST_NUMBER!;

function check(step: string, ok: boolean, got: unknown) {
  console.log(`${step}: ${ok ? "ok" : `FAILED: ${JSON.stringify(got)}`}`);
  if (!ok) process.exit(1);
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 1000)); // its host paces the worker

const run = (key: string, input: unknown): Promise<any> => worker.run(key, input, { concreteOutput: true });

const found = await run("searchCarrierCodes", { query: "china post" });
check("searchCarrierCodes", found.matches.some((m: any) => m.carrierCode === 3011), found);
const made = await run("addTrackingNumber", { trackingNumber: number });
check("addTrackingNumber", made.acceptedCount === 1, made);
await pause();
const again = await run("addTrackingNumberWithCarrier", { trackingNumber: number, carrierCode: made.accepted[0].carrierCode });
check("addTrackingNumberWithCarrier again is refused", again.rejectedCount === 1 && again.rejected[0].errorCode === -18019901, again);
let synced: any;
await pause();
for (let i = 0; i < 60; i++) {
  synced = await run("shipmentsSync", undefined);
  if (JSON.stringify(synced.changes ?? []).includes(number)) break;
  await pause();
}
check("shipmentsSync", JSON.stringify(synced.changes ?? []).includes(number), synced);
await pause();
const gone = await run("removeTrackingNumber", { trackingNumber: number });
check("removeTrackingNumber", gone.acceptedCount === 1, gone);
