"""The mailbox between the watcher's thread and the loop."""

import threading

from kiosk.intake.watcher import Mailbox


def test_the_newest_thing_in_the_mailbox_wins() -> None:
    mailbox: Mailbox[int] = Mailbox()

    mailbox.put(1)
    mailbox.put(2)

    assert mailbox.full
    assert mailbox.take() == 2


def test_what_was_taken_is_gone() -> None:
    mailbox: Mailbox[int] = Mailbox()
    assert not mailbox.full
    assert mailbox.take() is None
    mailbox.put(1)
    mailbox.take()

    assert not mailbox.full
    assert mailbox.take() is None


def test_what_is_put_back_is_there_again_unless_something_newer_has_come() -> None:
    mailbox: Mailbox[str] = Mailbox()
    mailbox.put_back("old")
    assert mailbox.full
    assert mailbox.take() == "old"

    mailbox.put("new")
    mailbox.put_back("old")
    assert mailbox.take() == "new"
    assert not mailbox.full


def test_what_is_put_wakes_the_loop_and_what_is_put_back_does_not() -> None:
    woken = threading.Event()
    mailbox: Mailbox[str] = Mailbox(woken.set)
    mailbox.put_back("old")
    assert not woken.is_set()

    mailbox.put("new")
    assert woken.is_set()


def test_the_last_thing_that_any_thread_put_is_the_last_that_is_taken() -> None:
    mailbox: Mailbox[int] = Mailbox()

    def write() -> None:
        for number in range(20_000):
            mailbox.put(number)

    writer = threading.Thread(target=write)
    writer.start()
    taken: list[int] = []
    while writer.is_alive() or mailbox.full:
        number = mailbox.take()
        if number is not None:
            taken.append(number)
    writer.join()

    assert taken == sorted(set(taken))
    assert taken[-1] == 19_999
