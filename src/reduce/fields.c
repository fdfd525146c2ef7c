/* fields.c - reduce: see fields.h. Source: CloudTrail record contents, userIdentity element
 * (CloudTrail user guide). */
#include "config.h"

#include "reduce/fields.h"

#define ISSUER "userIdentity.sessionContext.sessionIssuer."

const struct field reduce_fields[] = {
        {"eventversion", "eventVersion", FIELD_TEXT, true},
        {"eventtype", "eventType", FIELD_TEXT, true},
        {"eventsource", "eventSource", FIELD_TEXT, true},
        {"eventname", "eventName", FIELD_TEXT, true},
        {"awsregion", "awsRegion", FIELD_TEXT, true},
        {"recipientaccountid", "recipientAccountId", FIELD_TEXT, true},
        {"readonly", "readOnly", FIELD_TEXT, true},
        {"managementevent", "managementEvent", FIELD_TEXT, true},
        {"useridentity_type", "userIdentity.type", FIELD_TEXT, true},
        {"useridentity_arn", "userIdentity.arn", FIELD_TEXT, true},
        {"useridentity_principalid", "userIdentity.principalId", FIELD_TEXT, true},
        {"useridentity_accountid", "userIdentity.accountId", FIELD_TEXT, true},
        {"useridentity_accesskeyid", "userIdentity.accessKeyId", FIELD_TEXT, true},
        {"useridentity_username", "userIdentity.userName", FIELD_TEXT, true},
        {"useridentity_invokedby", "userIdentity.invokedBy", FIELD_TEXT, true},
        {"useridentity_identityprovider", "userIdentity.identityProvider", FIELD_TEXT, true},
        {"sessionissuer_principalid", ISSUER "principalId", FIELD_TEXT, true},
        {"sessionissuer_arn", ISSUER "arn", FIELD_TEXT, true},
        {"sessionissuer_accountid", ISSUER "accountId", FIELD_TEXT, true},
        {"sessionissuer_username", ISSUER "userName", FIELD_TEXT, true},
        {"session_sourceidentity", "userIdentity.sessionContext.sourceIdentity", FIELD_TEXT, true},
        {"session_mfaauthenticated", "userIdentity.sessionContext.attributes.mfaAuthenticated",
         FIELD_TEXT, true},
        {"onbehalfof_userid", "userIdentity.onBehalfOf.userId", FIELD_TEXT, true},
        {"onbehalfof_identitystorearn", "userIdentity.onBehalfOf.identityStoreArn", FIELD_TEXT,
         true},
        {"sourceipaddress", "sourceIPAddress", FIELD_TEXT, true},
        {"useragent", "userAgent", FIELD_TEXT, true},
        {"vpcendpointid", "vpcEndpointId", FIELD_TEXT, true},
        {"tlsversion", "tlsDetails.tlsVersion", FIELD_TEXT, true},
        {"errorcode", "errorCode", FIELD_TEXT, true},
        {"errormessage", "errorMessage", FIELD_TEXT, true},
        {"requestparameters", "requestParameters", FIELD_JSON, true},
        {"resources", "resources", FIELD_RESOURCES, true},
        {"responseelements", "responseElements", FIELD_JSON, true},
        {"eventtime", "eventTime", FIELD_TEXT, false},
        {"eventid", "eventID", FIELD_TEXT, false},
        {"sharedeventid", "sharedEventID", FIELD_TEXT, false},
        {NULL, NULL, FIELD_TEXT, false},
};
