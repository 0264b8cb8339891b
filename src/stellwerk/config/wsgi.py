"""WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stellwerk.config.settings")
application = get_wsgi_application()

# What is loaded now stays until the end: the cyclic collector need not walk it in the middle of a page (about a tenth
# of the board's time). Garbage of requests is still collected, less often.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
