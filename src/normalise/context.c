/* context.c - normalise: see context.h. */
#include "config.h"

#include "normalise/context.h"

#include <arpa/inet.h>

/* The longest service name seen has 52 characters. */
#define LIMIT_SERVICE_NAME ((size_t)128)

static bool is_service(struct span s)
{
	return (s.n <= LIMIT_SERVICE_NAME && (span_ends(s, SPAN_LIT(".amazonaws.com")) ||
	                                      span_ends(s, SPAN_LIT(".amazonaws.com.cn")))) ||
	       span_is(s, "AWS Internal");
}

struct span source_network(struct span source_ip, struct arena *arena)
{
	char text[INET6_ADDRSTRLEN + 1];
	unsigned char a[16];
	if (!source_ip.n)
		return SPAN_NONE;
	if (is_service(source_ip))
		return source_ip;
	if (source_ip.n >= sizeof text || memchr(source_ip.p, '\0', source_ip.n))
		return SPAN_LIT("other");
	memcpy(text, source_ip.p, source_ip.n);
	text[source_ip.n] = '\0';
	if (inet_pton(AF_INET, text, a) == 1)
		return source_ip;
	if (inet_pton(AF_INET6, text, a) != 1)
		return SPAN_LIT("other");
	memset(a + 8, 0, 8);
	inet_ntop(AF_INET6, a, text, sizeof text);
	return arena_printf(arena, "%s/64", text);
}

/* The first row whose text occurs in the user agent decides, so what wraps an SDK stands before the
 * SDK. Sources: AWS SDK and tool user agents as CloudTrail and the SDKs' own documents show them.
 */
const struct agent_word agent_words[] = {
        {"terraform-provider-aws", "terraform"},
        {"Terraform/", "terraform"},
        {"OpenTofu/", "opentofu"},
        {"Pulumi", "pulumi"},
        {"aws-cdk", "aws-cdk"},
        {"cdk-assets", "aws-cdk"},
        {"Ansible", "ansible"},
        {"HashiCorp/1.0 Packer", "packer"},
        {"Packer/", "packer"},
        {"HashiCorp/1.0 Vault", "vault"},
        {"Vault/", "vault"},
        {"S3Console/", "console"},
        {"AWSCloudShell", "aws-cli/2"},
        {"aws-cli/2", "aws-cli/2"},
        {"aws-cli/1", "aws-cli/1"},
        {"aws-cli", "aws-cli"},
        {"AWSPowerShell", "powershell"},
        {"AWS-Toolkit", "aws-toolkit"},
        {"c7n/", "cloud-custodian"},
        {"CloudCustodian", "cloud-custodian"},
        {"rclone/", "rclone"},
        {"s3fs/", "s3fs"},
        {"MinIO", "minio"},
        {"karpenter", "karpenter"},
        {"aws-load-balancer-controller", "aws-load-balancer-controller"},
        {"elbv2.k8s.aws", "aws-load-balancer-controller"},
        {"cluster-autoscaler", "cluster-autoscaler"},
        {"ebs-csi-driver", "ebs-csi-driver"},
        {"amazon-vpc-cni-k8s", "amazon-vpc-cni"},
        {"kubernetes", "kubernetes"},
        {"amazon-ssm-agent", "amazon-ssm-agent"},
        {"aws-fluent-bit-plugin", "fluent-bit"},
        {"fluent", "fluentd"},
        {"Grafana/", "grafana"},
        {"Boto3/", "boto3"},
        {"Botocore/", "boto3"},
        {"Boto/", "boto2"},
        {"aws-sdk-go-v2/", "aws-sdk-go/2"},
        {"aws-sdk-go/", "aws-sdk-go/1"},
        {"aws-sdk-java/2", "aws-sdk-java/2"},
        {"aws-sdk-java", "aws-sdk-java/1"},
        {"aws-sdk-js/3", "aws-sdk-js/3"},
        {"aws-sdk-js/", "aws-sdk-js/2"},
        {"aws-sdk-nodejs/", "aws-sdk-js/2"},
        {"aws-sdk-dotnet", "aws-sdk-dotnet"},
        {"aws-sdk-php", "aws-sdk-php"},
        {"aws-sdk-ruby", "aws-sdk-ruby"},
        {"aws-sdk-rust", "aws-sdk-rust"},
        {"aws-sdk-cpp", "aws-sdk-cpp"},
        {"aws-sdk-kotlin", "aws-sdk-kotlin"},
        {"aws-sdk-swift", "aws-sdk-swift"},
        {"aws-internal/", "AWS Internal"},
        {"Mozilla/", "console"},
        {"curl/", "curl"},
        {"python-requests/", "python-requests"},
        {NULL, NULL},
};

struct span agent_family(struct span user_agent, struct span source_ip, struct memo *memo)
{
	if (!user_agent.n)
		return SPAN_NONE;
	if (is_service(user_agent)) {
		if (span_starts(user_agent, SPAN_LIT("console.")) ||
		    span_starts(user_agent, SPAN_LIT("signin.")))
			return SPAN_LIT("console");
		/* A client may call itself as it likes; a service calls from its own name. */
		if (span_eq(user_agent, source_ip) || span_is(user_agent, "AWS Internal"))
			return user_agent;
		return SPAN_LIT("other");
	}
	const struct span *known = memo ? memo_get(memo, user_agent) : NULL;
	if (known)
		return *known;
	struct span family = SPAN_LIT("other");
	for (const struct agent_word *w = agent_words; w->text; w++)
		/* Captures tell the family already. */
		if (span_find(user_agent, span_of(w->text)) >= 0 || span_is(user_agent, w->family)) {
			family = span_of(w->family);
			break;
		}
	if (memo)
		memo_put(memo, user_agent, &family);
	return family;
}
