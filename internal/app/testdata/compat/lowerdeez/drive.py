"""Drives LowerDeez/django-ok-17track (v1) through a registration's life."""
import os
import sys
import time

from django.conf import settings

settings.configure(
    TRACK17_API_KEY=os.environ["WAYPOST_KEY"],
    INSTALLED_APPS=["track17"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)

import django

django.setup()

from track17 import services
from track17.track17 import Track17Adapter

number = os.environ["WAYPOST_NUMBER"]


def check(step, ok, got):
    print(f"{step}: {'ok' if ok else f'FAILED: {got}'}", flush=True)
    if not ok:
        sys.exit(1)
    time.sleep(0.4)  # the client doesn't pace itself


made = services.register_track(number, "12")
check("register", [a["number"] for a in made["accepted"]] == [number], made)
check("register refuses what is no number", made["rejected"][0]["error"]["code"] == -18010012, made)

found = {"accepted": []}
for _ in range(60):
    found = services.get_track_info(number)
    if found["accepted"] and found["accepted"][0]["track"]["z0"]:
        break
    time.sleep(0.5)
check("gettrackinfo", bool(found["accepted"]) and found["accepted"][0]["track"]["w1"] == made["accepted"][0]["carrier"], found)

adapter = Track17Adapter()
stopped = adapter.stop_track(number)
check("stoptrack", stopped.status_code == 200 and len(stopped.data["data"]["accepted"]) == 1, stopped)
back = adapter.retrack(number)
check("retrack", len(back.data["data"]["accepted"]) == 1, back)
back = adapter.retrack(number)
check("retrack again is refused", back.data["data"]["rejected"][0]["error"]["code"] == -18019904, back)
