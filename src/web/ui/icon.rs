//! Drawings as inline SVG, so that they take the color of the text around them. All are decorative: words stand beside.

/// The mark: a ring of eight arcs around a dot.
pub(super) const MARK: &str = r#"<svg class="mark" viewBox="0 0 40 40" aria-hidden="true">
     <path class="navy" d="M21.05 5.04A15 15 0 0 1 29.84 8.68"/>
     <path class="lagoon" d="M31.32 10.16A15 15 0 0 1 34.96 18.95"/>
     <path class="leaf" d="M34.96 21.05A15 15 0 0 1 31.32 29.84"/>
     <path class="ochre" d="M29.84 31.32A15 15 0 0 1 21.05 34.96"/>
     <path class="ember" d="M18.95 34.96A15 15 0 0 1 10.16 31.32"/>
     <path class="plum" d="M8.68 29.84A15 15 0 0 1 5.04 21.05"/>
     <path class="iris" d="M5.04 18.95A15 15 0 0 1 8.68 10.16"/>
     <path class="umber" d="M10.16 8.68A15 15 0 0 1 18.95 5.04"/>
     <circle cx="20" cy="20" r="5.5"/></svg>"#;
/// Two links of a chain.
pub(super) const LINK: &str = r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="m8.5 11.5 3-3M9 6.5l1.75-1.75a3.2 3.2 0 0 1 4.5 4.5L13.5 11M11 13.5l-1.75 1.75a3.2 3.2 0 0 1-4.5-4.5L6.5 9"/></svg>"#;
/// A check mark.
pub(super) const CHECK: &str =
    r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="m4 10.5 4 4 8-9"/></svg>"#;
/// A house.
pub(super) const HOME: &str = r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M3.5 9.5 10 4l6.5 5.5M5.5 8v8h9V8M8.5 16v-4h3v4"/></svg>"#;
/// A list.
pub(super) const LIST: &str = r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M4 5.5h.01M4 10h.01M4 14.5h.01M7.5 5.5h9M7.5 10h9M7.5 14.5h9"/></svg>"#;
/// Bars of different length: plans.
pub(super) const PLANS: &str = r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M3.5 4h8v3h-8zM3.5 8.5h13v3h-13zM3.5 13h5v3h-5z"/></svg>"#;
/// Four squares: coverage.
pub(super) const GRID: &str = r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M3.5 3.5h5.5v5.5h-5.5zM11 3.5h5.5v5.5h-5.5zM3.5 11h5.5v5.5h-5.5zM11 11h5.5v5.5h-5.5z"/></svg>"#;
/// A plus: added.
pub(super) const PLUS: &str =
    r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M10 4.5v11M4.5 10h11"/></svg>"#;
/// A minus: removed.
pub(super) const MINUS: &str =
    r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M4.5 10h11"/></svg>"#;
/// Two arrows: moved.
pub(super) const SWAP: &str = r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M4 7h11M12 4l3 3-3 3M16 13H5M8 10l-3 3 3 3"/></svg>"#;
/// A person.
pub(super) const PERSON: &str = r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M10 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6M4 16.5c.5-3.2 3-4.5 6-4.5s5.500 1.300 6 4.500"/></svg>"#;
/// A calendar.
pub(super) const CALENDAR: &str = r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M3.5 5.5h13v11h-13zM3.5 9h13M7 3.5v3M13 3.5v3"/></svg>"#;
/// A clock.
pub(super) const CLOCK: &str = r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M10 3.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M10 6.5V10l2.5 2"/></svg>"#;
/// A bank note.
pub(super) const MONEY: &str = r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M3 6h14v8H3zM10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4M5.5 10h.01M14.5 10h.01"/></svg>"#;
/// An envelope: e-mails.
pub(super) const MAIL: &str =
    r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M3 5.5h14v9H3zM3 6l7 5 7-5"/></svg>"#;
/// A car.
pub(super) const CAR: &str = r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M3.5 13.5v-3l1.8-4h9.4l1.8 4v3h-13M3.5 10.5h13M5 13.5v1.5M15 13.5v1.5M6 12h.01M14 12h.01"/></svg>"#;
/// Three lines.
pub(super) const MENU: &str =
    r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M3.5 5.5h13M3.5 10h13M3.5 14.5h13"/></svg>"#;
/// A triangle.
pub(super) const WARNING: &str = r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M10 3.5 17.5 16h-15zM10 8v4M10 14h.01"/></svg>"#;
/// An arrow down.
pub(super) const DOWNLOAD: &str =
    r#"<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M10 3.5v9M6 9l4 4 4-4M4 16.5h12"/></svg>"#;
/// Full disc with a check: met.
pub(super) const FULL: &str = r#"<svg viewBox="0 0 12 12" aria-hidden="true"><circle cx="6" cy="6" r="6" fill="currentColor"/><path d="m3.2 6.2 2 2 3.6-4" fill="none" stroke="var(--met-bg)" stroke-width="1.6"/></svg>"#;
/// Half disc: in part.
pub(super) const HALF: &str = r#"<svg viewBox="0 0 12 12" aria-hidden="true"><circle cx="6" cy="6" r="5.2" fill="none" stroke="currentColor" stroke-width="1.4"/><path d="M6 1a5 5 0 0 1 0 10z" fill="currentColor"/></svg>"#;
/// Diamond: unmet.
pub(super) const DIAMOND: &str = r#"<svg viewBox="0 0 12 12" aria-hidden="true"><path d="m6 1 5 5-5 5-5-5zM6 4v2.4M6 8h.01" fill="none" stroke="currentColor" stroke-width="1.3"/></svg>"#;
/// Dotted ring: waiting, or over.
pub(super) const RING: &str = r#"<svg viewBox="0 0 12 12" aria-hidden="true"><circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" stroke-width="1.4" stroke-dasharray="1.6 1.6"/></svg>"#;
/// An empty calendar, for places where nothing is yet.
pub(super) const EMPTY: &str = r#"<svg viewBox="0 0 40 40" aria-hidden="true"><path d="M7 10h26v23H7zM7 17h26M14 6v7M26 6v7M12 22h6v4h-6zM22 26h6v4h-6z"/></svg>"#;
