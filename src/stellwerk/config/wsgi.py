"""WSGI entry point."""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

from stellwerk.core.memory import RARELY, uncollected

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stellwerk.config.settings")

# What is loaded now stays until the end: the cyclic collector need not walk it while it is loaded (a quarter of that time), nor
# in the middle of a page. Garbage of requests is still collected, less often.
with uncollected():
    application = get_wsgi_application()
    import_module("stellwerk.config.urls")  # else the first reader waits for it
    gc.collect()
    gc.freeze()
gc.set_threshold(*RARELY)
