"""Lists as forms, ticket shops, personnel systems and meetings export them."""

from tests.wheel_admin.importing.conftest import Formatted, csv_of, workbook
from tests.wheel_admin.importing.situations.situation import Situation, cases, entries, numbered, table

TIME = "m/d/yy h:mm"
ORDERS = table(
    "Order Number|First Name (Billing)|Last Name (Billing)|First Name (Shipping)|Last Name (Shipping)|Quantity",
    "9001|Nora|Vance|Uma|Vance|1",
    "9002|Omar|Reid|Omar|Reid|3",
)
IDS = table("Member ID|Employee ID|Name", "M-1|E-71|Nora Vance", "M-2|E-72|Omar Reid", "M-3|E-73|Pia Lund")


@cases(
    Situation(
        "a form with a timestamp and an address",
        "f.csv",
        table("Timestamp|Email Address|Your full name|Will you come?",
              "2026/11/02 9:15:00 AM GMT+1|n@x.test|Nora Vance|Yes",
              "2026/11/02 9:15:00 AM GMT+1|o@x.test|Omar Reid|No"),
        numbered("Nora Vance", "Omar Reid"),
        says=["A 'Timestamp'", "B 'Email Address'"],
    ),
    Situation(
        "a form in Turkish",
        "f.csv",
        table("Zaman damgası|Adınız Soyadınız|Telefon", "02.11.2026 09:15:00|Ayşe Ak|0532 123 45 67",
              "02.11.2026 09:16:00|Ali Öz|0532 123 45 68"),
        numbered("Ayşe Ak", "Ali Öz"),
    ),
    Situation(
        "a question in brackets behind the name",
        "f.csv",
        table("Antwort ID|Wie heißen Sie? [Vorname]|Wie heißen Sie? [Nachname]", "1|Uta|Klein", "2|Jan|Groß"),
        entries((1, "Uta Klein"), (2, "Jan Groß")),
    ),
    Situation(
        "anonymous in the column of names and a question beside it",
        "f.xlsx",
        workbook([["ID", "Email", "Name", "What is your full name?"], [1, "anonymous", "anonymous", "Nora Vance"],
                  [2, "anonymous", "anonymous", "Omar Reid"], [3, "anonymous", "anonymous", "Pia Lund"]]),
        entries((1, "Nora Vance"), (2, "Omar Reid"), (3, "Pia Lund")),
    ),
    Situation(
        "an empty column of names and a question beside it",
        "f.xlsx",
        workbook([["ID", "Name", "What is your full name?"], [1, None, "Nora Vance"], [2, None, "Omar Reid"]]),
        entries((1, "Nora Vance"), (2, "Omar Reid")),
    ),
    Situation(
        "a lucky number that two people chose beside an id",
        "f.xlsx",
        workbook([["Id", "Start time", "Name", "Your lucky number"], [1, Formatted(46000.5, TIME), "Nora Vance", 7],
                  [2, Formatted(46000.6, TIME), "Omar Reid", 7], [3, Formatted(46000.7, TIME), "Pia Lund", 9]]),
        None,
        says=["holds some twice", "--ticket-column Id"],
    ),
    Situation(
        "a survey with a second header row",
        "s.csv",
        table("Respondent ID|Email Address|Tell us about you|", "||Name|Phone", "11801||Nora Vance|555-1234",
              "11802||Omar Reid|555-1235"),
        numbered("Nora Vance", "Omar Reid"),
    ),
    Situation(
        "a survey with question texts and import ids",
        "q.csv",
        'ResponseId,Q1\nResponse ID,What is your full name?\n"{""ImportId"":""a""}","{""ImportId"":""b""}"\n'
        "R_1,Nora Vance\nR_2,Omar Reid\n",
        entries(("R_1", "Nora Vance"), ("R_2", "Omar Reid")),
        rejected=[2, 3],
        typed="--name-column Q1",
    ),
    Situation(
        "answers that were sent twice",
        "f.csv",
        table("#|Name", "1|Nora Vance", "2|nora vance", "3|Omar Reid"),
        entries((1, "Nora Vance"), (2, "nora vance"), (3, "Omar Reid")),
        says=["more than once"],
    ),
)  # fmt: skip
def test_answers_to_a_form_become_people(situation: Situation) -> None:
    situation.check()


@cases(
    Situation(
        "attendees of shared orders",
        "r.csv",
        table("Order #|First Name|Last Name|Ticket Type|Attendee #", "9|Nora|Vance|VIP|71", "9|Omar|Reid|Early|72"),
        entries((71, "Nora Vance"), (72, "Omar Reid")),
        says=["ticket E 'Attendee #'"],
    ),
    Situation(
        "a kind of ticket beside a number",
        "r.csv",
        table("Ticket|Number|Name", "VIP|1|Nora Vance", "Day|2|Omar Reid", "Day|3|Pia Lund", "Day|4|Quim Sol"),
        entries((1, "Nora Vance"), (2, "Omar Reid"), (3, "Pia Lund"), (4, "Quim Sol")),
    ),
    Situation("a kind of ticket alone", "r.csv",
              table("Ticket|Name", "VIP|Nora Vance", "Day|Omar Reid", "Day|Pia Lund"),
              None, says=["VIP, Day, Day"]),
    Situation("orders that hold several tickets", "o.csv",
              table("Order #|First Name|Last Name|Quantity", "9|Nora|Vance|2", "10|Omar|Reid|1"), None,
              says=["Quantity", "--weight-column Quantity", "--one-chance-each"]),
    Situation("order numbers under Name", "o.csv",
              table("Name|Lineitem quantity|Billing Name|Shipping Name", "#2001|1|Nora Vance|Uma Vance",
                    "#2002|3|Omar Reid|Omar Reid"), None, says=["Billing Name", "--name-column"]),
    Situation("names for billing and for shipping", "o.csv", ORDERS, None, says=["First Name (Billing)", "Quantity"]),
    Situation(
        "orders with all columns named",
        "o.csv",
        ORDERS,
        entries((9001, "Nora Vance", 1), (9002, "Omar Reid", 3)),
        typed='--ticket-column "Order Number" --name-column "First Name (Billing)" --name-column "Last Name (Billing)" '
        "--weight-column Quantity",
    ),
    Situation(
        "orders that were paid back",
        "o.csv",
        table("Order ID|Status|Billing Name", "301|completed|Nora Vance", "302|Fully refunded|Omar Reid"),
        entries((301, "Nora Vance"), (302, "Omar Reid")),
        says=["Fully refunded"],
    ),
    Situation(
        "guests who cancelled",
        "r.csv",
        table("Ticket|Name|Status", "1|Nora Vance|Attending", "2|Omar Reid|Cancelled by attendee"),
        entries((1, "Nora Vance"), (2, "Omar Reid")),
        says=["Cancelled by attendee"],
    ),
    Situation(
        "guests who are not there",
        "r.csv",
        table("Ticket|Name|Status", "1|Nora Vance|Attending", "2|Omar Reid|Not Attending", "3|Pia Lund|Warteliste"),
        entries((1, "Nora Vance"), (2, "Omar Reid"), (3, "Pia Lund")),
        says=["Not Attending in r.csv, row 3; Warteliste in r.csv, row 4"],
    ),
    Situation(
        "a report with a footer and ids that differ in case",
        "c.csv",
        table("Contact ID|Full Name", "AbCdE|Nora Vance", "AbCde|Omar Reid") + "\nCopyright (c) 2026 X\nConfidential\n",
        entries(("AbCdE", "Nora Vance"), ("AbCde", "Omar Reid")),
        rejected=[5, 6],
        says=["a note"],
    ),
)  # fmt: skip
def test_sold_tickets_become_people(situation: Situation) -> None:
    situation.check()


@cases(
    Situation("two ids", "m.csv", IDS, None, says=["M-1, M-2, M-3", "E-71", '--ticket-column "Employee ID"']),
    Situation("two ids and one named", "m.csv", IDS,
              entries(("E-71", "Nora Vance"), ("E-72", "Omar Reid"), ("E-73", "Pia Lund")),
              typed='--ticket-column "Employee ID"'),
    Situation("an abbreviated personnel number", "h.csv",
              table("Emp No|Employee Name|Manager ID|Manager Name", "E1|Nora Vance|E9|Al Bo", "E2|Omar Reid|E8|Cy Do"),
              entries(("E1", "Nora Vance"), ("E2", "Omar Reid"))),
    Situation("the manager's id alone", "h.csv",
              table("Employee|Manager|Grade", "Nora Vance|Al Bo|3", "Omar Reid|Cy Do|4"),
              numbered("Nora Vance", "Omar Reid")),
    Situation("a report of all workers", "h.xlsx",
              workbook([["All workers"], ["Effective date", "2026-11-01"], [],
                        ["Employee ID", "Legal Name - First Name", "Legal Name - Last Name", "Position"],
                        ["0231", "Nora", "Vance", "Clerk"], ["0232", "Omar", "Reid", "Clerk"]]),
              entries(("0231", "Nora Vance"), ("0232", "Omar Reid"))),
    Situation("a club with titles and birthdays", "v.csv",
              table("Mitgl.-Nr.|Anrede|Titel|Name|Vorname|Geb.-Datum", "11|Frau|Dr.|Klein|Uta|01.02.1970",
                    "12|Herr||Groß|Jan|03.04.1971", delimiter=";"),
              entries((11, "Dr. Uta Klein"), (12, "Jan Groß"))),
    Situation("a full name beside blank parts", "l.csv",
              table("id|name|first_name|last_name", "1|Nora Vance||", "2|Omar Reid|Omar|Reid"),
              entries((1, "Nora Vance"), (2, "Omar Reid"))),
    Situation("a child and a parent", "c.csv",
              table("Child's Name|Parent Name", "Nora Vance|Uwe Vance", "Omar Reid|Ida Reid"), None,
              says=["Uwe Vance", "--name-column"]),
    Situation("a parent beside the parts of a child's name", "c.xlsx",
              workbook([["Surname", "Forename", "Form", "Parent/Carer"], ["Vance", "Nora", "4b", "Uwe Vance"],
                        ["Reid", "Omar", "4b", "Ida Reid"]]), numbered("Nora Vance", "Omar Reid")),
    Situation("an emergency contact beside parts", "c.csv",
              table("First|Last|Emergency contact name|Bib", "Nora|Vance|Uwe Po|7", "Omar|Reid|Ida Wu|8"),
              entries((7, "Nora Vance"), (8, "Omar Reid"))),
    Situation("parts of a buyer's name beside a guest's", "o.csv",
              table("Purchaser First Name|Purchaser Last Name|Attendee First Name|Attendee Last Name",
                    "Uwe|Po|Nora|Vance", "Uwe|Po|Omar|Reid"), None,
              says=["Attendee First Name", "Purchaser Last Name"]),
    Situation("a given name that stands twice", "o.csv",
              table("Given name|First name|Surname", "Nora|Nora|Vance", "Omar|Omar|Reid"),
              numbered("Nora Vance", "Omar Reid")),
    Situation("a company beside a person", "c.csv",
              table("Badge|Company Name|Name", "1|Hall Ltd|Nora Vance", "2|Hall Ltd|Omar Reid"),
              entries((1, "Nora Vance"), (2, "Omar Reid")), says=["B 'Company Name'"]),
    Situation("user names beside names", "c.csv", table("Username|Name", "nora1|Nora Vance", "omar2|Omar Reid"),
              numbered("Nora Vance", "Omar Reid")),
    Situation("user names alone", "c.csv", table("username|chances", "nora1|3", "omar2|1"),
              [("001", "nora1", 3), ("002", "omar2", 1)]),
    Situation("an answer yes or no under Guest", "z.csv",
              table("Name (Original Name)|Guest|Winner", "Nora Vance|No|", "Omar Reid|Yes|Yes", "Pia Lund|Yes|"),
              numbered("Nora Vance", "Omar Reid", "Pia Lund")),
    Situation("a meeting with a second table", "t.csv",
              csv_of([["2. Participants"], ["Name", "Email", "Role"], ["Nora Vance", "n@x.test", "Organizer"],
                      ["Omar Reid", "o@x.test", "Presenter"], [], ["3. Activities"], ["Name", "Join Time", "Email"],
                      ["Nora Vance", "9:00", "n@x.test"]], "\t").encode("utf-16"),
              numbered("Nora Vance", "Omar Reid"), rejected=[6, 7, 8], says=["belongs to another table"]),
)  # fmt: skip
def test_lists_of_members_staff_and_classes_name_the_right_people(situation: Situation) -> None:
    situation.check()
