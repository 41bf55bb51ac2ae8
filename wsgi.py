"""The application that a server runs."""

from __future__ import annotations

import os

from webapp.core.settings import Settings
from webapp.factory import create_app

app = create_app(Settings.from_env(os.environ))
