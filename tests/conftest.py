"""Settings of the whole suite."""

import os

from hypothesis import settings

os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_AUDIODRIVER"] = "dummy"
os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"

# A machine that is busy with something else must not fail a claim about values.
settings.register_profile("any machine", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=25)
settings.load_profile("any machine")
