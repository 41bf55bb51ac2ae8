"""`python -m tools.authority`: the stand-in by hand. Prints the settings with which the application asks it."""

from __future__ import annotations

import argparse
import threading

from tools.authority import parties
from tools.authority.server import Authority
from tools.authority.weather import Weather


def main() -> None:
    """Runs until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tools.authority", description=__doc__)
    parser.add_argument("--port", type=int, default=9960)
    parser.add_argument("--weather", choices=[weather.value for weather in Weather], default="fair")
    parser.add_argument("--slow-seconds", type=float, default=8.0)
    parser.add_argument("--call-back", metavar="REQUEST_ID", help="tell the court a decision, and end")
    parser.add_argument("--verdict", default="agreed")
    parser.add_argument("--to", default="http://127.0.0.1:8000", help="the court's address, for --call-back")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--late", type=float, default=0.0, metavar="SECONDS")
    given = parser.parse_args()
    authority = Authority(0 if given.call_back else given.port, slow_seconds=given.slow_seconds)
    authority.weather = Weather(given.weather)
    with authority:
        if given.call_back:
            told = {"request_id": given.call_back, "verdict": given.verdict, "reference": "BY-HAND-1"}
            print(authority.call_back(given.to, "/callbacks/immigration", told, times=given.times, late=given.late))
            return
        print(_settings(authority.url))
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("ended")


def _settings(url: str) -> str:
    names = {
        "SMS": "webhook", "SMS_WEBHOOK_URL": url, "SMS_WEBHOOK_APP_ID": parties.APP, "SMS_WEBHOOK_SECRET": parties.SECRET,
        "IMMIGRATION": "signed", "IMMIGRATION_URL": url, "IMMIGRATION_APP_ID": parties.APP, "IMMIGRATION_SECRET": parties.SECRET,
        "FACE_AUTHORITY": "tencent", "ACCOUNT_CHECK": "tencent", "TENCENT_ENDPOINT": url,
        "TENCENT_SECRET_ID": parties.APP, "TENCENT_SECRET_KEY": parties.SECRET,
        "WECHAT_APP_ID": parties.APP, "WECHAT_SECRET": parties.SECRET, "WECHAT_URL": url,
    }  # fmt: skip
    return "\n".join(f"export {name}='{value}'" for name, value in names.items())


if __name__ == "__main__":
    main()
