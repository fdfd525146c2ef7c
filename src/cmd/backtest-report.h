/* backtest-report.h - commands: what backtest found, for people and as JSON. */
#ifndef CMD_BACKTEST_REPORT_H
#define CMD_BACKTEST_REPORT_H

#include "review/backtest.h"

void report_backtest(const struct backtest *b);
void report_backtest_json(const struct backtest *b);

/* Held calls in thousandths, rounded down: 1000 means all of them. -1: there were none. */
int backtest_permille(uint64_t part, uint64_t of);

#endif
