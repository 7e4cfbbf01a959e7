// Twenty of the browser tests of examples/course-records, step by step, under the same names.
import { test, expect } from './fixtures';
import { unique, type RecordsPage } from './page';

test('tc_dash_001_counts_are_those_of_the_records', async ({ institutionAdmin: page }) => {
  await page.go('/profile');
  await page.go('/dashboard');
  const kinds = ['programs', 'courses', 'terms', 'offerings', 'sections', 'assessments', 'users'];
  await expect(page.at('#counts .card > span')).toHaveText(kinds.map((kind) => new RegExp(`^${kind}$`, 'i')));
  for (const kind of kinds) {
    const records = await page.list(kind);
    await expect(page.page.getByTestId(`count-${kind}`)).toHaveText(String(records.length));
  }
  const before = (await page.list('programs')).length;
  await page.make('programs', { name: unique('Cartography') });
  await page.go('/dashboard');
  await expect(page.page.getByTestId('count-programs')).toHaveText(String(before + 1));
  await page.press('#card-programs');
  await page.arrives('/programs');
  await expect(page.at('#total')).toHaveText(`${before + 1} programs`);
});

test('tc_crud_ia_001_create_program', async ({ institutionAdmin: page }) => {
  const name = unique('Philosophy');
  await page.go('/programs');
  await page.create('program', { name, description: 'Thinking about thinking' });
  await page.says(`Program ${name} was created.`);
  await page.shows(name, { courses: '0' });
  const program = await page.only('programs', 'name', name);
  expect(program.description).toBe('Thinking about thinking');
  expect(program.courses).toBe(0);
});

test('tc_crud_ia_002_update_program', async ({ institutionAdmin: page }) => {
  const [before, after] = [unique('Alchemy'), unique('Chemistry')];
  const { id } = await page.make('programs', { name: before });
  await page.go('/programs');
  await page.edit('program', before, { name: after, description: 'Now with method' });
  await page.says(`Program ${after} was saved.`);
  await page.shows(after, { name: after });
  await page.hasNo('name', before);
  expect(await page.get(`/programs/${id}`)).toMatchObject({ name: after, description: 'Now with method' });
});

test('tc_crud_ia_003_delete_program', async ({ institutionAdmin: page }) => {
  const name = unique('Phrenology');
  const { id } = await page.make('programs', { name });
  await page.go('/programs');
  await page.delete(name);
  await page.says(`Program ${name} was deleted.`);
  await page.hasNo('name', name);
  expect(await page.status(`/programs/${id}`)).toBe(404);
});

test('tc_crud_ia_004_cannot_delete_program_with_courses', async ({ institutionAdmin: page }) => {
  const name = unique('Botany');
  const { id } = await page.make('programs', { name });
  await page.make('courses', { program_id: id, code: 'BOT1', title: 'Mosses', credits: 2 });
  await page.go('/programs');
  await page.delete(name);
  await page.refuses('This program has 1 course. Delete or reassign it first.');
  await page.cancel();
  await page.shows(name, { courses: '1' });
  expect((await page.get(`/programs/${id}`)).courses).toBe(1);
});

test('tc_crud_ia_005_create_course', async ({ institutionAdmin: page, server }) => {
  const [code, program] = [unique('PHYS'), `Mathematics (W${server.number})`];
  await page.go('/courses');
  await page.create('course', { program, code, title: 'Mechanics', credits: '5' });
  await page.says(`Course ${code} Mechanics was created.`);
  await page.shows(code, { program_name: program, credits: '5' });
  expect(await page.only('courses', 'code', code)).toMatchObject({ program_name: program, credits: 5 });
});

test('tc_crud_ia_006_create_program_admin', async ({ institutionAdmin: page, server }) => {
  const [name, program] = [unique('Ada Newcomer'), `Mathematics (W${server.number})`];
  const email = `${name.replaceAll(' ', '.').toLowerCase()}@example.test`;
  await page.go('/users');
  await page.create('user', {
    'display-name': name,
    email,
    role: 'Program admin',
    programs: program,
    password: 'long enough a secret',
  });
  await page.says(`User ${name} was created.`);
  await page.shows(name, { programs: program, is_active: 'Active' });
  expect(await page.only('users', 'email', email)).toMatchObject({ role: 'program_admin', programs: program });
});

test('tc_crud_ia_007_create_term', async ({ institutionAdmin: page }) => {
  const name = unique('Summer School');
  await page.go('/dashboard');
  await page.press('#card-terms');
  await page.arrives('/terms');
  await page.create('term', { name, 'start-date': '2027-08-02', 'end-date': '2027-07-05' });
  await page.findsFault('term-end-date', 'The end must be after the start.');
  await page.submit('term', { 'start-date': '2027-07-05', 'end-date': '2027-08-02' });
  await page.says(`Term ${name} was created.`);
  await page.shows(name, { start_date: '2027-07-05', end_date: '2027-08-02' });
  const term = await page.only('terms', 'name', name);
  expect(term).toMatchObject({ start_date: '2027-07-05', end_date: '2027-08-02' });
});

/** A new instructor in the institution of an institution admin. */
async function lecturer(admin: RecordsPage) {
  const name = unique('Visiting Lecturer');
  const email = `${name.replaceAll(' ', '.').toLowerCase()}@example.test`;
  const fields = { display_name: name, email, role: 'instructor', institution_id: null, password: 'a password for one test' };
  const { id } = await admin.make('users', fields);
  return { id, name, email };
}

test('tc_crud_ia_008_update_user', async ({ institutionAdmin: page }) => {
  const person = await lecturer(page);
  const name = unique('Professor');
  await page.go('/users');
  await page.edit('user', person.name, { 'display-name': name, role: 'Institution admin' });
  await page.says(`User ${name} was saved.`);
  await page.shows(name, { email: person.email, role: 'Institution admin' });
  const user = await page.get(`/users/${person.id}`);
  expect(user).toMatchObject({ display_name: name, role: 'institution_admin' });
});

test('tc_crud_ia_009_deactivate_and_activate_user', async ({ institutionAdmin: page }) => {
  const person = await lecturer(page);
  await page.go('/users');
  for (const [action, status, active] of [['deactivate', 'Deactivated', false], ['activate', 'Active', true]] as const) {
    await page.pressInRow(person.name, action);
    await page.says(`${person.name} was ${action}d.`);
    await page.shows(person.name, { is_active: status });
    expect((await page.get(`/users/${person.id}`)).is_active).toBe(active);
  }
});

test('tc_crud_ia_010_create_offering', async ({ institutionAdmin: page, server }) => {
  const code = unique('STAT');
  const program = await page.only('programs', 'name', `Mathematics (W${server.number})`);
  await page.make('courses', { program_id: program.id, code, title: 'Statistics', credits: 3 });
  await page.go('/offerings');
  const fields = { course: `${code} Statistics`, term: 'Spring 2026', capacity: '45' };
  await page.create('offering', fields);
  await page.says(`Offering ${code} · Spring 2026 was created.`);
  await page.shows(code, { term_name: 'Spring 2026', capacity: '45' });
  await page.create('offering', fields);
  await page.refuses('This course is already offered in this term.');
  const offering = await page.only('offerings', 'course_code', code);
  expect(offering).toMatchObject({ term_name: 'Spring 2026', capacity: 45 });
});

test('tc_crud_inst_001_update_own_profile', async ({ instructor: page }) => {
  const name = unique('Doctor Who');
  await page.go('/profile');
  await page.press('#open-edit-profile');
  await page.fill('display-name', name);
  await page.press('dialog[open] [type=submit]');
  await page.says('Your profile was saved.');
  await expect(page.at('#profile-display-name')).toHaveText(name);
  await expect(page.at('#viewer-name')).toHaveText(name);
  expect((await page.get('/profile')).display_name).toBe(name);
  await page.go('/dashboard');
  await expect(page.at('.lead')).toHaveText(`Welcome, ${name}.`);
});

test('tc_crud_inst_002_update_section_assessment', async ({ instructor: page }) => {
  const section = await page.only('sections', 'label', 'CS102-001 · Fall 2026');
  const path = `/sections/${section.id}`;
  const name = unique('Oral exam');
  const assessment = await page.make('assessments', {
    section_id: section.id,
    name,
    kind: 'presentation',
    weight: 0,
    students_took: 20,
    students_passed: 11,
  });
  await page.go('/sections');
  await page.press(`a[href='${path}']`);
  await page.arrives(path);
  await page.edit('assessment', name, { 'students-passed': '17', narrative: 'Better after the review' });
  await page.says(`Assessment ${name} was saved.`);
  await page.shows(name, { students_passed: '17', narrative: 'Better after the review' });
  const held = await page.get(`/assessments/${assessment.id}`);
  expect(held).toMatchObject({ students_passed: 17, students_took: 20, narrative: 'Better after the review' });
});

test('tc_crud_inst_003_record_assessment', async ({ instructor: page }) => {
  const section = await page.only('sections', 'label', 'CS102-001 · Fall 2026');
  const name = unique('Homework');
  await page.go(`/sections/${section.id}`);
  const fields = { name, kind: 'Assignment', weight: '0', 'students-took': '9', 'students-passed': '10' };
  await page.create('assessment', fields);
  await expect(page.dialog).toContainText('More students passed than took it.');
  await page.submit('assessment', { 'students-passed': '8', weight: '90' });
  await page.findsFault('assessment-weight', 'The weights of this section would add up to');
  expect(await page.matching('assessments', 'name', name)).toEqual([]);
  await page.submit('assessment', { weight: '0' });
  await page.says(`Assessment ${name} was created.`);
  await page.shows(name, { kind: 'Assignment' });
  const held = await page.only('assessments', 'name', name);
  expect(held).toMatchObject({ section_id: section.id, students_passed: 8 });
});

test('tc_crud_sa_001_create_institution', async ({ siteAdmin: page }) => {
  const name = unique('Hilltop Academy');
  await page.go('/institutions');
  await page.create('institution', { city: 'Hilltop' });
  await page.findsFault('institution-name', 'This field is required.');
  await page.submit('institution', { name });
  await page.says(`Institution ${name} was created.`);
  await page.shows(name, { city: 'Hilltop', programs: '0', users: '0' });
  expect((await page.only('institutions', 'name', name)).city).toBe('Hilltop');
});

test('tc_crud_sa_002_update_institution', async ({ siteAdmin: page }) => {
  const [before, after] = [unique('Polytechnic'), unique('University')];
  const institution = await page.make('institutions', { name: before, city: 'Oldtown' });
  await page.go('/institutions');
  await page.edit('institution', before, { name: after, city: 'Newtown' });
  await page.says(`Institution ${after} was saved.`);
  await page.shows(after, { city: 'Newtown' });
  const held = await page.get(`/institutions/${institution.id}`);
  expect(held).toMatchObject({ name: after, city: 'Newtown', created_at: institution.created_at });
});

test('tc_crud_sa_003_delete_institution', async ({ siteAdmin: page }) => {
  const name = unique('Closing College');
  const { id } = await page.make('institutions', { name });
  await page.go('/institutions');
  await page.pressInRow(name, 'delete');
  await page.cancel();
  expect(await page.status(`/institutions/${id}`)).toBe(200);
  await page.delete(name);
  await page.says(`Institution ${name} was deleted.`);
  await page.hasNo('name', name);
  expect(await page.status(`/institutions/${id}`)).toBe(404);
});

test('tc_crud_sa_004_cannot_delete_institution_in_use', async ({ siteAdmin: page }) => {
  const name = unique('Busy College');
  const { id } = await page.make('institutions', { name });
  for (const program of ['Law', 'Medicine']) await page.make('programs', { name: program, institution_id: id });
  await page.go('/institutions');
  await page.delete(name);
  await page.refuses('This institution has 2 programs. Delete or reassign them first.');
  await page.cancel();
  await page.shows(name, { programs: '2' });
  expect((await page.get(`/institutions/${id}`)).programs).toBe(2);
});

/** A new course of the program admin, offered in the fall. */
async function newOffering(admin: RecordsPage) {
  const code = unique('CS');
  const { program_id } = await admin.only('courses', 'code', 'CS101');
  const course = await admin.make('courses', { program_id, code, title: 'Parsing', credits: 2 });
  const term = await admin.only('terms', 'name', 'Fall 2026');
  const offering = await admin.make('offerings', { course_id: course.id, term_id: term.id, capacity: 20 });
  return { code, offering };
}

test('tc_multi_001_assign_a_section', async ({ programAdmin: office, instructor: desk }) => {
  const { code, offering } = await newOffering(office);
  const { display_name: name } = await desk.get('/profile');
  await office.go('/sections');
  await office.create('section', { offering: offering.label, number: '001', instructor: name });
  const label = `${code}-001 · Fall 2026`;
  await office.says(`Section ${label} was created.`);

  await desk.go('/sections');
  const { id } = await office.only('sections', 'label', label);
  await desk.press(`tr[data-id='${id}'] a`);
  await desk.arrives(`/sections/${id}`);
  const exam = { name: 'Final', kind: 'Exam', weight: '100', 'students-took': '7', 'students-passed': '6' };
  await desk.create('assessment', exam);
  await desk.says('Assessment Final was created.');

  await office.go('/sections');
  await office.shows(label, { assessments: '1', instructor_name: name });
  const assessments = await office.get(`/assessments?section_id=${id}`);
  expect(assessments.items[0].students_passed).toBe(6);
});

test('tc_multi_003_take_a_section_away', async ({ programAdmin: office, instructor: desk }) => {
  const { code, offering } = await newOffering(office);
  const teacher = (await desk.get('/profile')).id;
  const section = await office.make('sections', { offering_id: offering.id, number: '001', instructor_id: teacher });
  const path = `/sections/${section.id}`;
  await desk.go(path);
  await expect(desk.at('h1')).toHaveText(`${code}-001 Parsing`);

  await office.go('/sections');
  const label = `${code}-001 · Fall 2026`;
  await office.edit('section', label, { instructor: 'Nobody yet' });
  await office.says(`Section ${label} was saved.`);
  await office.shows(label, { instructor_name: '' });
  expect((await office.get(path)).instructor_id).toBeNull();

  await desk.go(path);
  await expect(desk.at('h1')).toHaveText('No access');
  expect(await desk.status(path)).toBe(403);
});
