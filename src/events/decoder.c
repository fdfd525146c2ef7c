/* decoder.c - events: see decoder.h. */
#include "config.h"

#include "events/decoder.h"

static const struct decoder *const decoders[] = {
        &decoder_cloudtrail, &decoder_capture, &decoder_csm, &decoder_ocsf, &decoder_reduced, &decoder_s3_access,
};

const struct decoder *decoder_for(enum record_form form)
{
	for (size_t i = 0; i < sizeof decoders / sizeof decoders[0]; i++)
		if (decoders[i]->form == form)
			return decoders[i];
	return NULL;
}
