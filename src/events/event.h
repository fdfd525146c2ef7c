/* event.h - events: one recorded API call (or other record) as its decoder found it, whatever it
 * came from: CloudTrail, a CSM datagram, a proxied HTTPS call. Nothing is interpreted here beyond
 * types; what it means is decided in normalise/. All spans are borrowed: from the record's text
 * where it holds no escapes, else from the decoder's arena; both live until the next record is
 * read. An absent field is SPAN_NONE.
 *
 * Source: CloudTrail record contents and userIdentity element (AWS CloudTrail user guide). */
#ifndef EVENTS_EVENT_H
#define EVENTS_EVENT_H

#include "base/hash.h"

/* From eventType; only EVENT_CALL yields access. The numbers are stored: never renumber. */
enum event_kind {
	EVENT_CALL = 1,           /* AwsApiCall; every captured call */
	EVENT_SERVICE = 2,        /* AwsServiceEvent */
	EVENT_CONSOLE_ACTION = 3, /* AwsConsoleAction */
	EVENT_SIGN_IN = 4,        /* AwsConsoleSignIn */
	EVENT_NETWORK = 5,        /* AwsVpceEvent */
	EVENT_OTHER = 6,          /* a CloudTrail record of another or no type */
	EVENT_IDENTITY = 7,       /* no call: a capture says whose key identity.access_key is */
};

/* Who saw it. The numbers are stored: never renumber. */
enum event_observer {
	OBSERVED_CLOUDTRAIL = 1,
	OBSERVED_CSM = 2,
	OBSERVED_PROXY = 3,
	OBSERVED_S3_ACCESS = 4, /* S3 itself, in a server access log */
};

enum tristate { TRI_UNKNOWN = 0, TRI_NO = 1, TRI_YES = 2 };

struct event_issuer { /* userIdentity.sessionContext.sessionIssuer */
	struct span type, principal_id, arn, account, user_name;
};

struct event_identity { /* userIdentity; type SPAN_NONE if it is missing */
	struct span type, principal_id, arn, account, access_key, user_name;
	struct span invoked_by;
	struct span identity_provider;  /* SAML and web identity */
	struct span source_identity;    /* sessionContext.sourceIdentity */
	struct span federated_provider; /* sessionContext.webIdFederationData.federatedProvider */
	struct span identity_store_arn; /* onBehalfOf.identityStoreArn */
	struct span on_behalf_of_user;  /* onBehalfOf.userId */
	struct span credential_id;
	struct span parent_key; /* of EVENT_IDENTITY: the key that asked for access_key */
	struct event_issuer issuer;
	enum tristate mfa; /* sessionContext.attributes.mfaAuthenticated */
	bool present;      /* there was a userIdentity object */
};

struct event_resource { /* one entry of resources[]; ARNPrefix counts as arn with prefix set */
	struct span type, arn, account;
	bool prefix;
	bool pattern; /* '*' in the ARN stands for any text: the store folded many (store.h) */
};

/* What a reduced row says beside what its records have in common, iamreplay-reduced(5): they are of
 * one day and equal but for their times. The event's time and eventID are those of the first. */
struct event_count {
	uint64_t events; /* how many they are; 0: copies that do not count */
	int64_t last;
	struct span owner; /* the account that owns the resource, or SPAN_NONE */
	int folded; /* how far its names were folded (call/shape.h): a level; -1: they are whole */
	struct hash128 row; /* of all that the row says */
};

struct event {
	enum event_kind kind;
	enum event_observer observer;
	struct span text;       /* the whole record as JSON; of captures what the decoder had */
	struct span id;         /* eventID */
	int64_t time;           /* eventTime, seconds since 1970 UTC */
	struct span version;    /* eventVersion */
	struct span type;       /* eventType as written */
	struct span source;     /* eventSource, "s3.amazonaws.com"; for captures the same form */
	struct span name;       /* eventName */
	struct span region;     /* awsRegion */
	struct span recipient;  /* recipientAccountId */
	struct span request_id; /* requestID; of captures x-amzn-requestid or its kin */
	struct span shared_id;  /* sharedEventID */
	struct span source_ip;  /* sourceIPAddress; may be a service's name */
	struct span user_agent;
	struct span vpc_endpoint; /* vpcEndpointId */
	struct span vpc_endpoint_account;
	struct span tls_version; /* tlsDetails.tlsVersion */
	struct span error_code, error_message;
	enum tristate read_only, management;
	struct event_identity identity;
	struct event_resource *resources;
	size_t n_resources;
	/* Raw JSON texts, valid JSON values, or SPAN_NONE where absent or null. Of captures: an
	 * object of the identifying parameters that the capture writer let pass. */
	struct span request;    /* requestParameters */
	struct span response;   /* responseElements */
	struct span additional; /* additionalEventData */
	/* Captures only: which line of which capture, the identity of an event that has no eventID.
	 */
	struct span capture_id;
	uint64_t capture_line;
	const struct event_count *count; /* NULL: a single record */
};

#endif
