/* fields.c - reduce: see fields.h. Source: CloudTrail record contents, userIdentity element
 * (CloudTrail user guide). */
#include "config.h"

#include "reduce/fields.h"

#define ISSUER "userIdentity.sessionContext.sessionIssuer."

const struct field reduce_fields[] = {
        {"eventversion", "eventVersion", FIELD_TEXT, true, false},
        {"eventtype", "eventType", FIELD_TEXT, true, false},
        {"eventsource", "eventSource", FIELD_TEXT, true, false},
        {"eventname", "eventName", FIELD_TEXT, true, false},
        {"awsregion", "awsRegion", FIELD_TEXT, true, false},
        {"recipientaccountid", "recipientAccountId", FIELD_TEXT, true, false},
        {"readonly", "readOnly", FIELD_TEXT, true, false},
        {"managementevent", "managementEvent", FIELD_TEXT, true, false},
        {"useridentity_type", "userIdentity.type", FIELD_TEXT, true, false},
        {"useridentity_arn", "userIdentity.arn", FIELD_TEXT, true, false},
        {"useridentity_principalid", "userIdentity.principalId", FIELD_TEXT, true, false},
        {"useridentity_accountid", "userIdentity.accountId", FIELD_TEXT, true, false},
        {"useridentity_accesskeyid", "userIdentity.accessKeyId", FIELD_TEXT, true, false},
        {"useridentity_username", "userIdentity.userName", FIELD_TEXT, true, false},
        {"useridentity_invokedby", "userIdentity.invokedBy", FIELD_TEXT, true, false},
        {"useridentity_identityprovider", "userIdentity.identityProvider", FIELD_TEXT, true, false},
        {"sessionissuer_principalid", ISSUER "principalId", FIELD_TEXT, true, false},
        {"sessionissuer_arn", ISSUER "arn", FIELD_TEXT, true, false},
        {"sessionissuer_accountid", ISSUER "accountId", FIELD_TEXT, true, false},
        {"sessionissuer_username", ISSUER "userName", FIELD_TEXT, true, false},
        {"session_sourceidentity", "userIdentity.sessionContext.sourceIdentity", FIELD_TEXT, true,
         false},
        {"session_mfaauthenticated", "userIdentity.sessionContext.attributes.mfaAuthenticated",
         FIELD_TEXT, true, false},
        {"onbehalfof_userid", "userIdentity.onBehalfOf.userId", FIELD_TEXT, true, false},
        {"onbehalfof_identitystorearn", "userIdentity.onBehalfOf.identityStoreArn", FIELD_TEXT,
         true, false},
        {"sourceipaddress", "sourceIPAddress", FIELD_TEXT, true, false},
        {"useragent", "userAgent", FIELD_TEXT, true, false},
        {"vpcendpointid", "vpcEndpointId", FIELD_TEXT, true, false},
        {"tlsversion", "tlsDetails.tlsVersion", FIELD_TEXT, true, false},
        {"errorcode", "errorCode", FIELD_TEXT, true, false},
        {"errormessage", "errorMessage", FIELD_TEXT, true, true},
        {"requestparameters", "requestParameters", FIELD_JSON, true, true},
        {"resources", "resources", FIELD_RESOURCES, true, true},
        {"responseelements", "responseElements", FIELD_JSON, true, false},
        {"eventtime", "eventTime", FIELD_TEXT, false, false},
        {"eventid", "eventID", FIELD_TEXT, false, false},
        {"sharedeventid", "sharedEventID", FIELD_TEXT, false, false},
        {NULL, NULL, FIELD_TEXT, false, false},
};
