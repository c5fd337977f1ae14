"""What `wheel-kiosk --help` says below the options: first steps, keys, exit codes, examples."""

TOP_EPILOG = """\
first steps:
  wheel-kiosk run --window 1280x720     try the wheel with sample names; press space to spin
  wheel-admin --help                    import participants and publish a list; a running wheel shows it at once
  wheel-kiosk doctor                    find out what is wrong with this machine
  wheel-kiosk COMMAND --help            options, keys and examples of one command

exit codes:
   0  done
   1  internal error, or a problem found by doctor
   2  wrong command line or configuration
   4  refused: there is nothing left to spin for, or no such spin to replay
   5  another kiosk runs on this home
   6  a key is missing or wrong
   7  the home is missing, unwritable or full
   8  the ledger is broken
   9  no display, or nothing can draw on it
  10  too much memory: start it again
  11  standard output could not be written
"""

RUN_EPILOG = """\
keys:
  space, enter, Page Down, any button of a gamepad       spin
  A, and A again within 5 seconds                        record that the last winner is absent; after a press with
                                                         several winners, name the place in between: digits or arrows
  left, right, Page Up                                   look through the prizes, and the pages of winners
  W                                                      show all winners so far, by prize, and back
  B or .                                                 curtain: the title and the logo alone, and back
  Ctrl+Shift+D                                           diagnostics, and back; there R begins a rehearsal, and R
                                                         ends it
  Esc (in a window), Ctrl+Shift+Q (full screen)          leave

The command line overrides the environment, which overrides kiosk.toml in the home.

examples:
  wheel-kiosk run --home ~/wheel-home --window 1280x720
  SDL_VIDEODRIVER=offscreen wheel-kiosk run --window 1920x1080 --spins 1 --screenshots pictures
"""


REHEARSE_EPILOG = """\
Keys are those of run; R ends it. Stop the kiosk first: only one can use the home. A kiosk that runs can begin a
rehearsal itself: Ctrl+Shift+D, then R.

examples:
  wheel-kiosk rehearse --home ~/wheel-home
  wheel-kiosk rehearse --window 1280x720 --spins 3
"""

CONFIG_EPILOG = """\
check    report what is wrong in kiosk.toml and in the environment, with line and remedy; exit code 2 if anything is
show     print every key with its meaning, its value, and where that comes from
sample   print every key with its meaning and its default

The environment overrides the file: WHEEL_KIOSK_ROTATE=90 is rotate = 90.
"""

REPLAY_EPILOG = """\
examples:
  wheel-kiosk replay --spin 3 --window 1280x720
  SDL_VIDEODRIVER=offscreen wheel-kiosk replay --spin 3 --clock simulated --window 1920x1080 --screenshots pictures
"""
