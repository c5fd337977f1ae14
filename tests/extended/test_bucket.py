"""Lists in a bucket, on an S3 server on loopback."""

from collections.abc import Callable

from kiosk.core.key_files import kiosk_key
from tests.extended.ends import Ends
from tests.support import Desk, snapshot


def test_a_list_goes_through_a_bucket_and_results_come_back(
    ends: Ends, bucket: Callable[[dict[str, str]], str]
) -> None:
    url = bucket(ends.laptop_environment)
    bucket(ends.kiosk_environment)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del ends.kiosk_environment[name]
    ends.kiosk.credentials.mkdir()
    credential = ends.kiosk.credentials / "bucket"
    credential.write_text('access_key = "testing"\nsecret_key = "s3cret-of-the-bucket"\n')
    credential.chmod(0o600)
    ends.settings(url, 'credential = "bucket"')
    assert f"sent to {url}: 2 files" in ends.admin("publish", "--to", url)
    key = kiosk_key(ends.kiosk.kiosk_key, public=ends.kiosk.kiosk_public_key)
    desk = Desk(ends.kiosk.kiosk, key=key)
    desk.adopt(snapshot(1))
    desk.spin()
    report = ends.fetch()

    assert ends.generation_here(1)
    assert report.results == "Results are sent."
    assert key.public.keyid[:16] in ends.admin("status", "--from", url)
    assert ends.fetch().problem == ""


def test_a_bucket_that_is_not_there_is_said(ends: Ends, bucket: Callable[[dict[str, str]], str]) -> None:
    bucket(ends.kiosk_environment)
    ends.settings("s3://nobodys/lists")

    assert "bucket nobodys" in ends.fetch(code=7).problem
