/* limits.h - policy: every bound on what a policy document or a request from outside may hold, with
 * its reason. */
#ifndef POLICY_LIMITS_H
#define POLICY_LIMITS_H

#include <stddef.h>

/* One policy document. AWS's largest is a permission set's inline policy with 32,768 characters;
 * white space may multiply that, and documents that were never attached may be longer. */
#define LIMIT_POLICY_BYTES ((size_t)16 << 20)

/* What one document may hold in all. The shortest statement has some 45 characters, the shortest
 * action 6 with its quotes and comma, the shortest condition 9: so the longest policy that AWS
 * takes has at most some 700, 5,500 and 3,600 of them. A policy that was generated whole, to be
 * split later, has more resources than that, and one of 16 MB has no more than these. */
#define LIMIT_POLICY_STATEMENTS ((size_t)5000)
#define LIMIT_POLICY_ACTIONS ((size_t)10000)
#define LIMIT_POLICY_RESOURCES ((size_t)200000)
#define LIMIT_POLICY_CONDITIONS ((size_t)20000)
#define LIMIT_POLICY_OPERANDS ((size_t)200000)
#define LIMIT_POLICY_PRINCIPALS ((size_t)100000)

/* One string with wildcards: longer than any whole managed policy (6,144 characters). It also
 * bounds the state that matching keeps on the stack. */
#define LIMIT_PATTERN ((size_t)8192)

/* The same after policy variables were replaced. */
#define LIMIT_PATTERN_EXPANDED ((size_t)16384)

/* Wildcards of one string that are narrowed one by one: an ARN with one in each field and step of a
 * path has some 20. */
#define LIMIT_NARROWED ((size_t)256)

/* One line of requests with its policies. */
#define LIMIT_REQUEST_LINE ((size_t)64 << 20)

/* One value of a request (an ARN has at most 2,048 characters, a context value a few thousand). */
#define LIMIT_REQUEST_VALUE ((size_t)1 << 20)

/* Levels of service control policies: an organisation has a root, five levels of units and the
 * account. */
#define LIMIT_SCP_LEVELS ((size_t)64)

/* Digits of one number in a condition: no quota or size comes near. */
#define LIMIT_NUMBER_DIGITS ((size_t)400)

/* Evaluations spent to find out whether unknown keys matter, before the answer is "depends" on all
 * that were asked for. */
#define LIMIT_WORLDS ((size_t)20000)

#endif
