/* format.c - report: the table of formats; see format.h. */
#include "config.h"

#include "report/format.h"

const struct report_format report_formats[] = {
        {"html", ".html", report_html},
        {"markdown", ".md", report_markdown},
        {"csv", ".csv", report_csv},
        {NULL, NULL, NULL},
};
