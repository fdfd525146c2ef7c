/* call-row.c - store: a call as the columns of call-get (sql/call.sql) give it. */
#include "config.h"

#include "store/db.h"
#include "store/encode.h"

static struct span text_at(struct stmt *s, int column, struct arena *arena)
{
	return arena_span(arena, column_text(s, column));
}

void call_from_row(struct stmt *s, int at, struct arena *arena, struct call_use *out)
{
	struct call *c = &out->call;
	*out = (struct call_use){.id = column_int(s, at)};
	c->principal = (struct principal){
	        .arn = text_at(s, at + 1, arena),
	        .type = (enum principal_type)column_enum(s, at + 2, 1, PRINCIPAL_UNKNOWN),
	        .account = text_at(s, at + 3, arena),
	        .editable = column_int(s, at + 4) != 0,
	        .permission_set = text_at(s, at + 5, arena),
	        .path_unknown = column_int(s, at + 6) != 0,
	};
	c->kind = (enum event_kind)column_enum(s, at + 7, 1, EVENT_IDENTITY);
	c->source = text_at(s, at + 8, arena);
	c->name = text_at(s, at + 9, arena);
	c->region = text_at(s, at + 10, arena);
	c->account = text_at(s, at + 11, arena);
	decode_params(column_text(s, at + 12), arena, c);
	c->params_cut = column_int(s, at + 13) != 0;
	decode_resources(column_text(s, at + 14), arena, c);
	c->outcome = (enum outcome)column_enum(s, at + 15, 1, OUTCOME_UNKNOWN);
	c->error = text_at(s, at + 16, arena);
	c->denial = (struct denial){
	        .by = (enum denial_by)column_enum(s, at + 17, 0, DENIAL_SETTING),
	        .explicit_deny = column_int(s, at + 18) != 0,
	        .action = text_at(s, at + 19, arena),
	        .resource = text_at(s, at + 20, arena),
	        .policy = text_at(s, at + 21, arena),
	};
	out->read_only = (enum tristate)column_enum(s, at + 22, 0, TRI_YES);
	out->management = (enum tristate)column_enum(s, at + 23, 0, TRI_YES);
	out->folded = column_int(s, at + 24) != 0;
	out->owner_account = text_at(s, at + 25, arena);
}
