"""report.html: one page that holds its pictures, numbers and programme, and asks no other place for anything."""
