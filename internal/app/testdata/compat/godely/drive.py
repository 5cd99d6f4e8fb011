"""Drives godely/aio17track (v2.4) through a registration's life, and has its
webhook functions verify what Waypost sends."""
import asyncio
import os
import sys

from aiohttp import web

from aio17track import (CarrierChange, InfoChange, NumberCarrier, Track17Client,
                        TrackRegistration, parse_event, verify_signature)

key, number = os.environ["WAYPOST_KEY"], os.environ["WAYPOST_NUMBER"]


def check(step, ok, got):
    print(f"{step}: {'ok' if ok else f'FAILED: {got}'}", flush=True)
    if not ok:
        sys.exit(1)


async def main():
    events = asyncio.Queue()

    async def receive(request):
        raw = await request.read()
        verify_signature(raw, request.headers["sign"], key)
        await events.put(parse_event(raw))
        return web.Response()

    async def received(kind):
        while True:
            event = await asyncio.wait_for(events.get(), 30)
            if event.event.value == kind and event.data.number == number:
                return event

    app = web.Application()
    app.router.add_post("/{tail:.*}", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    host, port = os.environ["WAYPOST_RECEIVE"].rsplit(":", 1)
    await web.TCPSite(runner, host, int(port)).start()

    async with Track17Client(key) as client:
        made = await client.register([TrackRegistration(number, tag="compat", order_no="A-20017"), TrackRegistration("12")])
        check("register", len(made.accepted) == 1 and len(made.rejected) == 1, made)
        carrier = made.accepted[0].carrier
        again = await client.register([TrackRegistration(number)])
        check("register again is refused", len(again.already_registered) == 1, again)
        event = await received("TRACKING_UPDATED")
        check("webhook after the first result", event.data.carrier == carrier, event)
        one = [NumberCarrier(number, carrier)]
        info = await client.get_track_info(one)
        check("gettrackinfo", len(info.accepted) == 1 and len(info.accepted[0].events) > 0, info)
        page = await client.get_track_list(number_filter=[number])
        check("gettracklist", page.data_total == 1 and page.items[0].tag == "compat", page)
        changed = await client.change_info([InfoChange(number, carrier, tag="other")])
        check("changeinfo", len(changed.accepted) == 1, changed)
        page = await client.get_track_list(number_filter=[number])
        check("gettracklist after changeinfo", page.items[0].tag == "other", page)
        same = await client.change_carrier([CarrierChange(number, carrier, carrier)])
        check("changecarrier to the same is refused", len(same.rejected) == 1, same)
        stopped = await client.stop_track(one)
        check("stoptrack", len(stopped.accepted) == 1, stopped)
        event = await received("TRACKING_STOPPED")
        check("webhook after stoptrack", event.data.tag == "other", event)
        back = await client.retrack(one)
        check("retrack", len(back.accepted) == 1, back)
        now = await client.get_realtime_track_info(one)
        check("getRealTimeTrackInfo", len(now.accepted) == 1, now)
        quota = await client.get_quota()
        check("getquota", quota.used is not None and quota.used >= 2, quota)
        gone = await client.delete_track(one)
        check("deletetrack", len(gone.accepted) == 1, gone)
    await runner.cleanup()


asyncio.run(main())
