"""The commands of `wheel-admin` as one table, in the order in which the help lists them."""

from wheel_admin.cli.lazy_commands import Row

_ENTRIES = (
    Row("list", "Show the entries of the draft.", "draft.entries:list_entries", "LIST_EPILOG"),
    Row("add", "Add entries at the end of the draft: one, or all of a range.", "draft.entries:add", "ADD_EPILOG"),
    Row("remove", "Remove entries from the draft.", "draft.entries:remove", "REMOVE_EPILOG"),
    Row(
        "rename",
        "Give the holder of a ticket another name; its place and chances stay.",
        "draft.entries:rename",
        "RENAME_EPILOG",
    ),
)
_PRIZES = (
    Row(
        "list",
        "Show the prizes of the draft, in the order in which they are drawn.",
        "draft.prizes:list_prizes",
        "LIST_EPILOG",
    ),
    Row(
        "import",
        "Read the prizes from Excel or CSV: order, prize, quantity, reserves, per press, groups, picture, sponsor.",
        "draft.prizes_import:import_prizes",
    ),
    Row(
        "add",
        "Add a prize. In the middle of an evening, too: publish then, and what is drawn stays drawn.",
        "draft.prizes:add",
        "ADD_EPILOG",
    ),
    Row(
        "set",
        "Change a prize of the draft. What is not named stays as it is; its id stays always.",
        "draft.prizes:change_prize",
        "SET_EPILOG",
    ),
    Row(
        "move",
        "Move a prize to another place in the order of the draw.",
        "draft.prizes:move",
        "MOVE_EPILOG",
    ),
    Row(
        "remove",
        "Remove prizes from the draft. A prize with a drawn place has to stay: publish refuses a list without it.",
        "draft.prizes:remove",
        "REMOVE_EPILOG",
    ),
)
_RULES = (
    Row("show", "Show the rules of the draft's event in plain words.", "draft.rules:show", "SHOW_EPILOG"),
    Row(
        "set",
        "Change rules of the draft's event. What is not named stays; see wheel-admin spins for predetermined spins.",
        "draft.rules:change",
        "SET_EPILOG",
    ),
)
_SPINS = (
    Row(
        "natural",
        "Let every spin be drawn by the protocol (the usual way).",
        "draft.settings:natural",
        "NATURAL_EPILOG",
    ),
    Row(
        "fixed",
        "Let the wheel land on a ticket that was chosen in advance.",
        "draft.settings:fixed",
        "FIXED_EPILOG",
    ),
    Row(
        "mixed",
        "Say for each spin in turn whether it is drawn or fixed.",
        "draft.settings:mixed",
        "MIXED_EPILOG",
    ),
)
_EVENT = (
    Row(
        "new",
        "Start a new event in the draft: from its first publication on, nobody has won yet.",
        "draft.event:new",
        "NEW_EPILOG",
    ),
    Row("show", "Show the draft's event, and how far it is.", "draft.event:show", "SHOW_EPILOG"),
    Row(
        "close",
        "End an event for good: verify it, close it, export report and draws, and erase its names here.",
        "results.close:close",
    ),
)
_DRAWS = (
    Row(
        "export",
        "Write every place drawn and every withdrawal to an Excel or CSV file, oldest first.",
        "results.export:export",
    ),
)
COMMANDS = (
    Row(
        "start",
        "Put a list of people on the wheel: init, import, show and publish in one go.",
        "publish.start:start",
    ),
    Row(
        "init",
        "Make a wheel home: a signing key, an empty draft, and a kiosk side that trusts the key.",
        "draft.init:init",
    ),
    Row(
        "import",
        "Read participants from Excel, OpenDocument or text files into the draft, or from text pasted at `-`.",
        "draft.import_files:import_files",
    ),
    Row("title", "Set the title of the event, which the screen shows.", "draft.settings:title", "TITLE_EPILOG"),
    Row("winners", "Say whether winners stay on the wheel or leave it.", "draft.settings:winners", "WINNERS_EPILOG"),
    Row(
        "undo",
        "Take back the last change of the draft: an import, an edit, a setting. Ten changes are kept.",
        "draft.undo:undo",
    ),
    Row(
        "show",
        "Show the draft and how it differs from what is published, or one published list.",
        "draft.show:show",
    ),
    Row("preview", "Draw what the kiosk would show if the draft were published now.", "draft.preview:preview"),
    Row(
        "pair",
        "Write your public key to a file for a kiosk elsewhere, and say what to type there.",
        "results.pair:pair",
    ),
    Row("publish", "Sign the draft as a new generation and hand it to the kiosk.", "publish.publish:publish"),
    Row(
        "send",
        "Send the published lists and requests to every target: after a failure, or after a request.",
        "publish.send:send",
        "SEND_EPILOG",
    ),
    Row(
        "targets",
        "Show where lists are published besides this home, or forget a target. Nothing there is deleted.",
        "publish.send:targets",
        "TARGETS_EPILOG",
    ),
    Row(
        "list",
        "List the published generations, newest first, and whether each one verifies.",
        "publish.published_lists:list_generations",
        "LIST_EPILOG",
    ),
    Row(
        "status",
        "Show what is published and what the kiosk says it shows; with --from, every kiosk that writes to a source.",
        "results.status:status",
    ),
    Row("receive", "Copy a kiosk's ledger from a source into this home.", "results.receive:receive"),
    Row(
        "verify",
        "Recompute every draw of the ledger, and say who vouches for it: BROKEN, CONSISTENT, SIGNED or WITNESSED.",
        "results.verify:verify",
    ),
    Row(
        "certificate",
        "Write a printable page about one winner: how it was decided, and how to check that.",
        "results.certificate:certificate",
    ),
    Row(
        "report",
        "Write the report of an event: rules, import, every draw and what followed, winners, verdict, lines to sign.",
        "results.report:report",
    ),
    Row(
        "receipt",
        "Make the receipt of one participant: it proves that their entry is in the public manifest.",
        "results.receipt:receipt",
    ),
    Row(
        "entropy",
        "Mix public entropy into the draw: dice, words of the audience, a lottery result, a drand round.",
        "publish.entropy:entropy",
    ),
    Row("absent", "Report that the winner of a spin is not there.", "publish.requests:absent", "ABSENT_EPILOG"),
    Row(
        "claim",
        "Say what became of a place: confirmed, then collected; or absent, declined or expired, which frees it.",
        "publish.claim:claim",
    ),
    Row(
        "withdraw",
        "Take a ticket off the wheel from the next spin to the end of the event, openly.",
        "publish.requests:withdraw",
        "WITHDRAW_EPILOG",
    ),
    Row("republish", "Publish an old list again, under a new generation.", "publish.republish:republish"),
    Row(
        "bundle",
        "Write lists, ledger, keys, theme and settings into one file, encrypted with a passphrase.",
        "publish.bundle:bundle",
        "BUNDLE_EPILOG",
    ),
    Row(
        "restore",
        "Make a home from a bundle. Its kiosk goes on at the same spin, under an id of its own.",
        "publish.bundle:restore",
        "RESTORE_EPILOG",
    ),
    Row(
        "prune",
        "Delete old published lists, with their names files.",
        "publish.published_lists:prune",
        "PRUNE_EPILOG",
    ),
    Row(
        "entries",
        "List, add, remove and rename entries of the draft.",
        commands=_ENTRIES,
    ),
    Row(
        "prizes",
        "List, import, add, change, move and remove prizes.",
        commands=_PRIZES,
    ),
    Row(
        "rules",
        "Show the rules of the draft's event, or change them.",
        "draft.rules:rules",
        commands=_RULES,
    ),
    Row(
        "spins",
        "Say which spins are drawn and which are predetermined.",
        commands=_SPINS,
    ),
    Row(
        "event",
        "Start a new event, show it, or close it.",
        commands=_EVENT,
    ),
    Row(
        "draws",
        "List the results of all spins, from the kiosk's ledger; or export them.",
        "results.draws:draws",
        commands=_DRAWS,
    ),
)
