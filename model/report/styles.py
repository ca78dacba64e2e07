"""The formats of results.xlsx in one place."""

from __future__ import annotations

from typing import Any, Final

FORMATS: Final = {
    "text": "@",
    "volume": "#,##0.00;-#,##0.00;0",
    "money": "#,##0.0;-#,##0.0;0",
    "price": "#,##0.00;-#,##0.00;0",
    "share": "0.0%;-0.0%;0%",
    "gap": "0.0000%;-0.0000%;0%",
    "number": "#,##0.00;-#,##0.00;0",
    "year": "0",
    "typed": "General",
    "time": "0.00",
}
_GREY: Final = "#6B7280"
_BLUE: Final = "#1F4E79"


class Styles:
    """Formats by what they are for."""

    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14, "font_color": _BLUE})
        self.headline = book.add_format({"bold": True, "font_size": 18, "font_color": _BLUE})
        self.section = book.add_format({"bold": True, "font_size": 12, "font_color": _BLUE, "bottom": 1})
        self.question = book.add_format({"italic": True, "font_color": _GREY})
        self.unit = book.add_format({"italic": True, "font_color": _GREY, "align": "left", "indent": 1})
        self.link = book.add_format({"underline": 1, "font_color": "#0563C1"})
        self.header = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": _BLUE, "indent": 1})
        self.right_header = book.add_format({"bold": True, "bottom": 1, "align": "right"})
        self.right = book.add_format({"align": "right"})
        self.wrapped_header = book.add_format(
            {"bold": True, "bottom": 1, "align": "right", "valign": "bottom", "text_wrap": True}
        )
        self.left_header = book.add_format({"bold": True, "bottom": 1})
        self.indented_header = book.add_format({"bold": True, "bottom": 1, "indent": 1})
        self.indented = book.add_format({"indent": 1})
        self.picker = book.add_format(
            {"bold": True, "bg_color": "#FFF2CC", "border": 1, "border_color": "#D6B656", "num_format": "@"}
        )
        self.warning = book.add_format({"bold": True, "font_color": "#B45309"})
        self.wrapped = book.add_format(
            {"text_wrap": True, "valign": "top", "align": "left", "indent": 1, "num_format": "@"}
        )
        self.equation = book.add_format(
            {
                "text_wrap": True,
                "valign": "top",
                "indent": 1,
                "num_format": "@",
                "font_name": "Consolas",
                "font_size": 9,
            }
        )
        self.bold = book.add_format({"bold": True, "num_format": FORMATS["volume"]})
        self._numbers = {
            name: book.add_format(
                {"num_format": text, "align": "left", "indent": 1} if name == "text" else {"num_format": text}
            )
            for name, text in FORMATS.items()
        }

    def number(self, name: str) -> Any:
        """The format of a result column."""
        return self._numbers[name]
