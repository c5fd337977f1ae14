"""A real .xlsx file with the people and the prizes of an evening."""

from pathlib import Path

from openpyxl import Workbook

PRIZES = (
    ("Order", "Prize", "Quantity", "Reserves", "Per press", "Groups", "Sponsor"),
    (1, "City bike", 1, None, None, None, "Corner Bakery"),
    (2, "Hamper", 3, None, None, None, None),
    (3, "Mug", 50, None, 50, None, None),
    (4, "Day off", 10, None, 10, "staff", None),
    (5, "Weekend trip", 2, 3, 3, None, None),
)
PEOPLE = 150


def workbook(path: Path) -> Path:
    """Write a real .xlsx file: people with groups and households, and the plan of the evening."""
    book = Workbook()
    people = book.active
    assert people is not None
    people.title = "People"
    people.append(("Ticket", "Name", "Group", "Household"))
    for number in range(PEOPLE):
        people.append(
            (f"E{number:04d}", f"Guest Number{number}", "staff" if number % 3 == 0 else "", number // 2 or None)
        )
    plan = book.create_sheet("Prizes")
    for row in PRIZES:
        plan.append(row)
    book.save(path)
    return path
