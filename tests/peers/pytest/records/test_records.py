"""Twenty of the browser tests of examples/course-records, step by step, under the same names."""

import re

from playwright.sync_api import expect

from records_page import unique


def test_tc_dash_001_counts_are_those_of_the_records(institution_admin):
    page = institution_admin
    page.go("/profile")
    page.go("/dashboard")
    kinds = ["programs", "courses", "terms", "offerings", "sections", "assessments", "users"]
    cards = [re.compile(f"^{kind}$", re.IGNORECASE) for kind in kinds]
    expect(page.at("#counts .card > span")).to_have_text(cards)
    for kind in kinds:
        expect(page.page.get_by_test_id(f"count-{kind}")).to_have_text(str(len(page.list(kind))))
    before = len(page.list("programs"))
    page.make("programs", name=unique("Cartography"))
    page.go("/dashboard")
    expect(page.page.get_by_test_id("count-programs")).to_have_text(str(before + 1))
    page.press("#card-programs")
    page.arrives("/programs")
    expect(page.at("#total")).to_have_text(f"{before + 1} programs")


def test_tc_crud_ia_001_create_program(institution_admin):
    page, name = institution_admin, unique("Philosophy")
    page.go("/programs")
    page.create("program", name=name, description="Thinking about thinking")
    page.says(f"Program {name} was created.")
    page.shows(name, courses="0")
    program = page.only("programs", "name", name)
    assert program["description"] == "Thinking about thinking"
    assert program["courses"] == 0


def test_tc_crud_ia_002_update_program(institution_admin):
    page, before, after = institution_admin, unique("Alchemy"), unique("Chemistry")
    program = page.make("programs", name=before)
    page.go("/programs")
    page.edit("program", before, name=after, description="Now with method")
    page.says(f"Program {after} was saved.")
    page.shows(after, name=after)
    page.has_no("name", before)
    program = page.get(f"/programs/{program['id']}")
    assert (program["name"], program["description"]) == (after, "Now with method")


def test_tc_crud_ia_003_delete_program(institution_admin):
    page, name = institution_admin, unique("Phrenology")
    program = page.make("programs", name=name)
    page.go("/programs")
    page.delete(name)
    page.says(f"Program {name} was deleted.")
    page.has_no("name", name)
    assert page.status(f"/programs/{program['id']}") == 404


def test_tc_crud_ia_004_cannot_delete_program_with_courses(institution_admin):
    page, name = institution_admin, unique("Botany")
    program = page.make("programs", name=name)
    page.make("courses", program_id=program["id"], code="BOT1", title="Mosses", credits=2)
    page.go("/programs")
    page.delete(name)
    page.refuses("This program has 1 course. Delete or reassign it first.")
    page.cancel()
    page.shows(name, courses="1")
    assert page.get(f"/programs/{program['id']}")["courses"] == 1


def test_tc_crud_ia_005_create_course(institution_admin, server):
    page, code, program = institution_admin, unique("PHYS"), f"Mathematics (W{server.number})"
    page.go("/courses")
    page.create("course", program=program, code=code, title="Mechanics", credits="5")
    page.says(f"Course {code} Mechanics was created.")
    page.shows(code, program_name=program, credits="5")
    course = page.only("courses", "code", code)
    assert (course["program_name"], course["credits"]) == (program, 5)


def test_tc_crud_ia_006_create_program_admin(institution_admin, server):
    page, name, program = institution_admin, unique("Ada Newcomer"), f"Mathematics (W{server.number})"
    email = name.replace(" ", ".").lower() + "@example.test"
    page.go("/users")
    page.create(
        "user",
        display_name=name,
        email=email,
        role="Program admin",
        programs=program,
        password="long enough a secret",
    )
    page.says(f"User {name} was created.")
    page.shows(name, programs=program, is_active="Active")
    user = page.only("users", "email", email)
    assert (user["role"], user["programs"]) == ("program_admin", program)


def test_tc_crud_ia_007_create_term(institution_admin):
    page, name = institution_admin, unique("Summer School")
    page.go("/dashboard")
    page.press("#card-terms")
    page.arrives("/terms")
    page.create("term", name=name, start_date="2027-08-02", end_date="2027-07-05")
    page.finds_fault("term-end-date", "The end must be after the start.")
    page.submit("term", start_date="2027-07-05", end_date="2027-08-02")
    page.says(f"Term {name} was created.")
    page.shows(name, start_date="2027-07-05", end_date="2027-08-02")
    term = page.only("terms", "name", name)
    assert (term["start_date"], term["end_date"]) == ("2027-07-05", "2027-08-02")


def lecturer(admin):
    """A new instructor in the institution of an institution admin."""
    name = unique("Visiting Lecturer")
    email = name.replace(" ", ".").lower() + "@example.test"
    password = "a password for one test"
    return admin.make(
        "users", display_name=name, email=email, role="instructor", institution_id=None, password=password
    )


def test_tc_crud_ia_008_update_user(institution_admin):
    page, name = institution_admin, unique("Professor")
    person = lecturer(page)
    page.go("/users")
    page.edit("user", person["display_name"], display_name=name, role="Institution admin")
    page.says(f"User {name} was saved.")
    page.shows(name, email=person["email"], role="Institution admin")
    user = page.get(f"/users/{person['id']}")
    assert (user["display_name"], user["role"]) == (name, "institution_admin")


def test_tc_crud_ia_009_deactivate_and_activate_user(institution_admin):
    page = institution_admin
    person = lecturer(page)
    name = person["display_name"]
    page.go("/users")
    for action, status, active in [("deactivate", "Deactivated", False), ("activate", "Active", True)]:
        page.press_in_row(name, action)
        page.says(f"{name} was {action}d.")
        page.shows(name, is_active=status)
        assert page.get(f"/users/{person['id']}")["is_active"] == active


def test_tc_crud_ia_010_create_offering(institution_admin, server):
    page, code = institution_admin, unique("STAT")
    program = page.only("programs", "name", f"Mathematics (W{server.number})")
    page.make("courses", program_id=program["id"], code=code, title="Statistics", credits=3)
    page.go("/offerings")
    fields = {"course": f"{code} Statistics", "term": "Spring 2026", "capacity": "45"}
    page.create("offering", **fields)
    page.says(f"Offering {code} · Spring 2026 was created.")
    page.shows(code, term_name="Spring 2026", capacity="45")
    page.create("offering", **fields)
    page.refuses("This course is already offered in this term.")
    offering = page.only("offerings", "course_code", code)
    assert (offering["term_name"], offering["capacity"]) == ("Spring 2026", 45)


def test_tc_crud_inst_001_update_own_profile(instructor):
    page, name = instructor, unique("Doctor Who")
    page.go("/profile")
    page.press("#open-edit-profile")
    page.fill("display-name", name)
    page.press("dialog[open] [type=submit]")
    page.says("Your profile was saved.")
    expect(page.at("#profile-display-name")).to_have_text(name)
    expect(page.at("#viewer-name")).to_have_text(name)
    assert page.get("/profile")["display_name"] == name
    page.go("/dashboard")
    expect(page.at(".lead")).to_have_text(f"Welcome, {name}.")


def test_tc_crud_inst_002_update_section_assessment(instructor):
    page, name = instructor, unique("Oral exam")
    section = page.only("sections", "label", "CS102-001 · Fall 2026")
    path = f"/sections/{section['id']}"
    assessment = page.make(
        "assessments",
        section_id=section["id"],
        name=name,
        kind="presentation",
        weight=0,
        students_took=20,
        students_passed=11,
    )
    page.go("/sections")
    page.press(f"a[href='{path}']")
    page.arrives(path)
    page.edit("assessment", name, students_passed="17", narrative="Better after the review")
    page.says(f"Assessment {name} was saved.")
    page.shows(name, students_passed="17", narrative="Better after the review")
    held = page.get(f"/assessments/{assessment['id']}")
    assert (held["students_passed"], held["students_took"]) == (17, 20)
    assert held["narrative"] == "Better after the review"


def test_tc_crud_inst_003_record_assessment(instructor):
    page, name = instructor, unique("Homework")
    section = page.only("sections", "label", "CS102-001 · Fall 2026")
    page.go(f"/sections/{section['id']}")
    page.create(
        "assessment", name=name, kind="Assignment", weight="0", students_took="9", students_passed="10"
    )
    expect(page.dialog).to_contain_text("More students passed than took it.")
    page.submit("assessment", students_passed="8", weight="90")
    page.finds_fault("assessment-weight", "The weights of this section would add up to")
    assert page.matching("assessments", "name", name) == []
    page.submit("assessment", weight="0")
    page.says(f"Assessment {name} was created.")
    page.shows(name, kind="Assignment")
    held = page.only("assessments", "name", name)
    assert (held["section_id"], held["students_passed"]) == (section["id"], 8)


def test_tc_crud_sa_001_create_institution(site_admin):
    page, name = site_admin, unique("Hilltop Academy")
    page.go("/institutions")
    page.create("institution", city="Hilltop")
    page.finds_fault("institution-name", "This field is required.")
    page.submit("institution", name=name)
    page.says(f"Institution {name} was created.")
    page.shows(name, city="Hilltop", programs="0", users="0")
    assert page.only("institutions", "name", name)["city"] == "Hilltop"


def test_tc_crud_sa_002_update_institution(site_admin):
    page, before, after = site_admin, unique("Polytechnic"), unique("University")
    institution = page.make("institutions", name=before, city="Oldtown")
    page.go("/institutions")
    page.edit("institution", before, name=after, city="Newtown")
    page.says(f"Institution {after} was saved.")
    page.shows(after, city="Newtown")
    held = page.get(f"/institutions/{institution['id']}")
    assert (held["name"], held["city"]) == (after, "Newtown")
    assert held["created_at"] == institution["created_at"]


def test_tc_crud_sa_003_delete_institution(site_admin):
    page, name = site_admin, unique("Closing College")
    path = f"/institutions/{page.make('institutions', name=name)['id']}"
    page.go("/institutions")
    page.press_in_row(name, "delete")
    page.cancel()
    assert page.status(path) == 200
    page.delete(name)
    page.says(f"Institution {name} was deleted.")
    page.has_no("name", name)
    assert page.status(path) == 404


def test_tc_crud_sa_004_cannot_delete_institution_in_use(site_admin):
    page, name = site_admin, unique("Busy College")
    institution = page.make("institutions", name=name)
    for program in ["Law", "Medicine"]:
        page.make("programs", name=program, institution_id=institution["id"])
    page.go("/institutions")
    page.delete(name)
    page.refuses("This institution has 2 programs. Delete or reassign them first.")
    page.cancel()
    page.shows(name, programs="2")
    assert page.get(f"/institutions/{institution['id']}")["programs"] == 2


def new_offering(admin):
    """A new course of the program admin, offered in the fall: its code and the offering."""
    code = unique("CS")
    program = admin.only("courses", "code", "CS101")["program_id"]
    course = admin.make("courses", program_id=program, code=code, title="Parsing", credits=2)
    term = admin.only("terms", "name", "Fall 2026")
    return code, admin.make("offerings", course_id=course["id"], term_id=term["id"], capacity=20)


def test_tc_multi_001_assign_a_section(program_admin, instructor):
    office, desk = program_admin, instructor
    code, offering = new_offering(office)
    name = desk.get("/profile")["display_name"]
    office.go("/sections")
    office.create("section", offering=offering["label"], number="001", instructor=name)
    label = f"{code}-001 · Fall 2026"
    office.says(f"Section {label} was created.")

    desk.go("/sections")
    section = office.only("sections", "label", label)["id"]
    desk.press(f"tr[data-id='{section}'] a")
    desk.arrives(f"/sections/{section}")
    desk.create(
        "assessment", name="Final", kind="Exam", weight="100", students_took="7", students_passed="6"
    )
    desk.says("Assessment Final was created.")

    office.go("/sections")
    office.shows(label, assessments="1", instructor_name=name)
    assessments = office.get(f"/assessments?section_id={section}")["items"]
    assert assessments[0]["students_passed"] == 6


def test_tc_multi_003_take_a_section_away(program_admin, instructor):
    office, desk = program_admin, instructor
    code, offering = new_offering(office)
    teacher = desk.get("/profile")["id"]
    section = office.make("sections", offering_id=offering["id"], number="001", instructor_id=teacher)
    path = f"/sections/{section['id']}"
    desk.go(path)
    expect(desk.at("h1")).to_have_text(f"{code}-001 Parsing")

    office.go("/sections")
    label = f"{code}-001 · Fall 2026"
    office.edit("section", label, instructor="Nobody yet")
    office.says(f"Section {label} was saved.")
    office.shows(label, instructor_name="")
    assert office.get(path)["instructor_id"] is None

    desk.go(path)
    expect(desk.at("h1")).to_have_text("No access")
    assert desk.status(path) == 403
