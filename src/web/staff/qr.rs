//! The picture that an authenticator app scans.

use qrcode::QrCode;
use qrcode::types::Color;

use super::display::OwnHtml;

/// Modules of white around the code, as the standard asks.
const QUIET: usize = 4;

/// An SVG to stand in the page itself: the policy of these pages loads pictures from nowhere else, and needs no inline style.
pub(super) fn svg(content: &str, label: &str) -> Option<OwnHtml> {
    let code = QrCode::new(content.as_bytes()).ok()?;
    let width = code.width();
    let side = width.saturating_add(QUIET.saturating_mul(2));
    let label = super::display::Inert(label);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{label}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\""
    );
    for (row, modules) in code.to_colors().chunks(width).enumerate() {
        for (column, _) in modules
            .iter()
            .enumerate()
            .filter(|(_, color)| **color == Color::Dark)
        {
            svg.push_str(&format!(
                "M{} {}h1v1h-1z",
                column.saturating_add(QUIET),
                row.saturating_add(QUIET)
            ));
        }
    }
    svg.push_str("\"/></svg>");
    Some(OwnHtml(svg))
}
