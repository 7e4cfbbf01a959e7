//! Roles and names of every element, with the browser's own accessibility tree as the judge.

use std::collections::HashMap;

use callboard::{Session, TestResult, e2e};
use serde_json::{Value, json};

/// Elements whose role and name are ours as they are the browser's.
const ALIKE: &str = r#"
<a href=#>Link</a><address>Street</address><article>x</article><aside>x</aside><blockquote>x</blockquote><button>Button</button>
<code>c</code><del>x</del><details open><summary hidden>s</summary>x</details><dialog open>d</dialog><em>x</em>
<fieldset><legend>Legend <b>bold</b></legend></fieldset><fieldset aria-label=Said></fieldset><figure>x</figure>
<footer>f</footer><form>f</form><form aria-label=Named>f</form><h1>1</h1><h2>2</h2><h6>6</h6><header>h</header><hgroup>x</hgroup><hr>
<input aria-label=t><input type=button value=Value><input type=checkbox><input type=email><input type=email list=list>
<input type=number><input type=password><input type=radio><input type=range><input type=reset><input type=search>
<input type=search list=list><input type=submit><input type=submit value=Go><input type=tel><input type=text list=list><input type=url>
<input type=image alt=Picture><datalist id=list><option>o</datalist><ins>x</ins><main>m</main><mark>x</mark><menu><li>x</li></menu>
<meter aria-label=m></meter><nav>n</nav><ol><li>li</li></ol><output>x</output><p>p</p><progress></progress><s>x</s>
<search>s</search><section aria-label=Section>s</section><section title=Titled>s</section><select aria-label=s><option>o1</option>
<optgroup label=g><option>o2</option></optgroup></select><select multiple><option>m</option></select><strong>x</strong><sub>x</sub>
<sup>x</sup><table><thead><tr><th>H1</th><th>H2</th></tr></thead><tbody><tr><th>rh</th><td>td</td></tr>
<tr><th scope=row>r2</th><td>td</td></tr></tbody></table><table role=grid><tr><td>g</td></tr></table><textarea></textarea>
<time>t</time><li>stray</li><ul role=list><li>x</li></ul><section><aside aria-label=Note>x</aside></section>
<div role="nonsense" aria-label=x tabindex=0></div><h2 role=presentation aria-label=Label>x</h2><a href=# role=button>x</a>
<label>Wraps <input></label><label for=for>For</label><input id=for><span id=by>By</span><input aria-labelledby=by>
<input aria-labelledby="by for" id=several><input placeholder=Placeholder><input title=Title placeholder=p>
<textarea placeholder=Area></textarea><button>Nested <b>bold</b> <span hidden>hidden</span></button>
<button aria-labelledby=unseen>x</button><span id=unseen hidden>Hidden label</span><div role=button><style>x</style>Styled</div>
<button><span>a</span><span>b</span><div>c</div></button><style>.pre::before { content: "pre " }</style><button class=pre>fixed</button>
<button title=Tooltip></button><a href=#>one<br>two</a><button>  sp   ace </button><h3>Head <a href=#>link</a></h3>
<div role=link>a <input value=val aria-label=v> b</div><label>Flash <select><option selected>one</option></select> times <input type=checkbox></label>
<ul aria-label=List><li aria-label=Item>x</li></ul><div role=heading aria-level=2>h</div>
<div role=listbox aria-label=Box><div role=option>opt</div></div><div role=tablist><div role=tab>tab</div></div>
<div role=tooltip>tip</div><div role=menu><div role=menuitem>item</div></div><div role=alert>al</div><div role=status>st</div>
<div role=dialog aria-labelledby=title><h4 id=title>Dialog</h4></div><div role=switch aria-checked=true>Switch</div>
<input type=file aria-label=File><div role=progressbar aria-label=bar></div><div role=separator></div>
"#;

/// Where they differ, and why: HTML, ours, the browser's.
const DIFFERENT: &[(&str, &str, &str)] = &[
    // Its roles are of its own, where ARIA has none or another name.
    ("<img alt=x src='data:,'>", "img x", "image x"),
    ("<details><summary>Sum</summary>x</details>", "button Sum", "DisclosureTriangle Sum"),
    // A date is typed into, as far as a test is concerned.
    ("<input type=date aria-label=d>", "textbox d", "Date d"),
    ("<input type=time aria-label=t>", "textbox t", "InputTime t"),
    ("<input type=color aria-label=c>", "textbox c", "ColorWell c"),
    // ARIA names rows by what is in them, and the browser does so only where the role is written.
    ("<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>", "row a b", "row "),
    // Who writes a role means it, with a name or without.
    ("<div role=region>x</div>", "region ", "generic "),
    // A name is as it is written, not as it is styled.
    ("<button style='text-transform: uppercase'>Save</button>", "button Save", "button SAVE"),
];

/// The role and the name of all elements, in the order of the page, as the browser has them.
async fn by_the_browser(session: &Session) -> Result<Vec<Option<String>>, callboard::TestError> {
    let tools = session.cdp();
    let document = tools.send_raw("DOM.getDocument", json!({ "depth": -1 })).await?;
    let mut numbers = HashMap::new();
    number(&document["root"], &mut numbers);
    let tree = tools.send_raw("Accessibility.getFullAXTree", json!({})).await?;
    let mut all = vec![None; numbers.len()];
    for node in tree["nodes"].as_array().into_iter().flatten() {
        let Some(number) = node["backendDOMNodeId"].as_u64().and_then(|id| numbers.get(&id)) else {
            continue;
        };
        let text = |field: &str| node[field]["value"].as_str().unwrap_or_default().to_owned();
        let known: &mut Option<String> = &mut all[*number];
        if node["ignored"] != true && known.is_none() {
            *known = Some(format!("{} {}", text("role"), text("name")));
        }
    }
    Ok(all)
}

/// What is in the body, each with its place in the page.
fn number(node: &Value, numbers: &mut HashMap<u64, usize>) {
    let attributes = node["attributes"].as_array().cloned().unwrap_or_default();
    if let Some(at) = attributes.iter().position(|name| name == "data-n") {
        let place = attributes[at + 1].as_str().and_then(|text| text.parse().ok());
        numbers.insert(node["backendNodeId"].as_u64().unwrap_or_default(), place.unwrap_or_default());
    }
    node["children"].as_array().into_iter().flatten().for_each(|child| number(child, numbers));
}

async fn show(session: &Session, html: &str) -> Result<Vec<String>, callboard::TestError> {
    session.set_content(format!("<body>{html}</body>")).await?;
    let numbered = "() => [...document.body.querySelectorAll('*')].map((element, at) => { element.dataset.n = at; \
                    const shown = element.cloneNode(); shown.removeAttribute('data-n'); return shown.outerHTML })";
    Ok(session.evaluate(numbered).await?)
}

/// What locators find under a role and a name is what those are told of who cannot see the page.
#[e2e(skip_if = (conformance::in_firefox(), "the browser's own roles are asked for by Chromium's protocol"))]
async fn are_those_of_the_browser(session: &Session) -> TestResult {
    let elements = show(session, ALIKE).await?;
    let judged = by_the_browser(session).await?;
    let mut compared = 0;
    for (at, told) in judged.iter().enumerate() {
        let Some((role, name)) = told.as_deref().and_then(|told| told.split_once(' ')) else { continue };
        // What ARIA has no role for, and what takes no name.
        if role.starts_with(char::is_uppercase) || ["generic", "none"].contains(&role) {
            continue;
        }
        let element = session.locator(format!("[data-n='{at}']"));
        let of_role = session.by_role(role).and(&element).count().await?;
        assert_eq!(of_role, 1, "{}: the browser says {role}", elements[at]);
        if !name.is_empty() {
            let named = session.by_role(role).named(callboard::exact(name)).and(&element).count().await?;
            assert_eq!(named, 1, "{}: the browser says {role} {name:?}", elements[at]);
        }
        compared += 1;
    }
    assert!(compared > 120, "{compared}");
    Ok(())
}

#[e2e(skip_if = (conformance::in_firefox(), "the browser's own roles are asked for by Chromium's protocol"))]
async fn differ_only_where_there_is_a_reason(session: &Session) -> TestResult {
    for (html, ours, browsers) in DIFFERENT {
        show(session, html).await?;
        let judged = by_the_browser(session).await?;
        let (role, name) = ours.split_once(' ').unwrap_or_default();
        let mut locator = session.by_role(role);
        if !name.is_empty() {
            locator = locator.named(callboard::exact(name));
        }
        let at: usize = locator.first().evaluate("element => Number(element.dataset.n)").await?;
        assert_eq!(judged[at].as_deref().unwrap_or("none "), *browsers, "{html}");
    }
    Ok(())
}

#[e2e]
async fn have_states(session: &Session) -> TestResult {
    session
        .set_content(
            "<input type=checkbox checked><input type=checkbox id=half><div role=checkbox>c</div>\
             <button aria-expanded=false>a</button><button aria-expanded=true>b</button><button>c</button>\
             <button aria-pressed=true>d</button><button aria-pressed=mixed>e</button><h2>h</h2><div role=heading aria-level=2>i</div>\
             <select size=2><option selected>o</option><option>p</option></select><div role=tab aria-selected=true>t</div>\
             <fieldset disabled><button>f</button></fieldset><script>half.indeterminate = true</script>",
        )
        .await?;
    for (selector, count) in [
        ("role=checkbox[checked]", 1),
        ("role=checkbox[checked=mixed]", 1),
        ("role=checkbox[checked=false]", 1),
        ("role=button[expanded]", 1),
        ("role=button[expanded=false]", 1),
        ("role=button[pressed]", 1),
        ("role=button[pressed=mixed]", 1),
        ("role=heading[level=2]", 2),
        ("role=option[selected]", 1),
        ("role=option[selected=false]", 1),
        ("role=tab[selected]", 1),
        ("role=button[disabled]", 1),
        ("role=image", 0),
    ] {
        assert_eq!(session.locator(selector).count().await?, count, "{selector}");
    }
    Ok(())
}
