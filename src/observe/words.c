/* Everything but DHCP in words: see words.h. */
#include "observe/words.h"

#include "base/text.h"

static void put(struct buf *to, const char *name, struct slice value)
{
	if (value.len == 0)
		return;
	buf_printf(to, " %s \"", name);
	buf_append(to, value);
	buf_char(to, '"');
}

/* The first line of a text that may have several. */
static struct slice first_line(struct slice text)
{
	const uint8_t *end = text.len > 0 ? memchr(text.ptr, '\n', text.len) : NULL;

	return slice_head(text, end != NULL ? (size_t)(end - text.ptr) : text.len);
}

void words_arp(struct buf *to, const struct arp *arp)
{
	char a[IP4_TEXT_SIZE];
	char b[IP4_TEXT_SIZE];
	char mac[MAC_TEXT_SIZE];

	if (arp_is_probe(arp))
		buf_printf(to, "probe: is %s taken?", ip4_format(arp->target_ip, a));
	else if (arp_is_announcement(arp))
		buf_printf(to, "%s is mine, %s", ip4_format(arp->sender_ip, a),
			   mac_format(arp->sender, mac));
	else if (arp->op == ARP_REPLY)
		buf_printf(to, "%s is at %s", ip4_format(arp->sender_ip, a),
			   mac_format(arp->sender, mac));
	else
		buf_printf(to, "who has %s? tell %s", ip4_format(arp->target_ip, a),
			   ip4_format(arp->sender_ip, b));
}

void words_cdp(struct buf *to, const struct cdp *cdp)
{
	buf_append(to, cdp->device_id);
	put(to, "port", cdp->port_id);
	put(to, "platform", cdp->platform);
	put(to, "version", first_line(cdp->software));
	if (cdp->has_voice_query)
		buf_printf(to, " asks for its voice VLAN (has %u)", cdp->query_vlan);
	if (cdp->has_voice_vlan)
		buf_printf(to, " voice VLAN %u", cdp->voice_vlan);
	if (cdp->has_native_vlan)
		buf_printf(to, " native VLAN %u", cdp->native_vlan);
	if (cdp->has_duplex)
		buf_text(to, cdp->full_duplex ? " full duplex" : " half duplex");
	if (cdp->has_consumption)
		buf_printf(to, " draws %u mW", cdp->consumption_mw);
	if (cdp->requested.present)
		buf_printf(to, " asks for %u mW", cdp->requested.mw[0]);
	if (cdp->available.present && cdp->available.mw[0] != UINT32_MAX)
		buf_printf(to, " grants %u mW", cdp->available.mw[0]);
}

void words_lldp(struct buf *to, const struct lldp *lldp)
{
	buf_append(to, lldp->system_name);
	if (lldp->port_kind != LLDP_PORT_MAC)
		put(to, "port", lldp->port);
	put(to, "model", lldp->model);
	put(to, "system", first_line(lldp->system_description));
	for (size_t i = 0; i < lldp->policy_count; i++) {
		const struct lldp_policy *p = &lldp->policy[i];
		buf_printf(to, "; policy for %s:",
			   p->application == LLDP_VOICE              ? "voice"
			   : p->application == LLDP_VOICE_SIGNALLING ? "voice signalling"
								     : "another use");
		if (p->unknown)
			buf_text(to, " asked");
		else
			buf_printf(to, " VLAN %u %s, DSCP %u", p->vlan,
				   p->tagged ? "tagged" : "untagged", p->dscp);
	}
	if (lldp->power.present)
		buf_printf(to, "; %s %u mW", lldp->power.is_device ? "asks for" : "grants",
			   lldp->power.mw);
}

void words_eapol(struct buf *to, const struct eapol *eapol)
{
	const char *method = eap_method_name(eapol->method);

	buf_text(to, eapol_words(eapol));
	if (method != NULL)
		buf_printf(to, " %s", method);
	put(to, "as", eapol->identity);
}

void words_dns(struct buf *to, const struct dns *dns)
{
	char text[IP4_TEXT_SIZE];

	buf_printf(to, "%s %s", dns->is_response ? "answer" : "question", dns->name);
	if (dns->type != DNS_A)
		buf_printf(to, " type %u", dns->type);
	if (!dns->is_response)
		return;
	if (dns->rcode != 0)
		buf_printf(to, ": %s", dns_rcode_words(dns->rcode));
	else if (dns->answer_count == 0)
		buf_text(to, ": no records");
	for (size_t i = 0; i < dns->address_count; i++)
		buf_printf(to, " %s", ip4_format(dns->address[i], text));
}

void words_ntp(struct buf *to, const struct ntp *ntp)
{
	if (ntp->mode == NTP_CLIENT)
		buf_text(to, "what time is it?");
	else if (ntp->kiss[0] != 0)
		buf_printf(to, "refuses: %s", ntp->kiss);
	else
		buf_printf(to, "%lld s since 1970, stratum %u%s", (long long)ntp->unix_s,
			   ntp->stratum, ntp->leap == 3 ? ", not in step" : "");
}

void words_icmp(struct buf *to, const struct icmp *icmp)
{
	buf_text(to, icmp_words(icmp->type, icmp->code));
	if (icmp->mtu != 0)
		buf_printf(to, " (%u bytes fit)", icmp->mtu);
}

void words_tftp(struct buf *to, const struct tftp_packet *p)
{
	switch (p->op) {
	case TFTP_RRQ:
	case TFTP_WRQ:
		buf_printf(to, "%s %s %s", p->op == TFTP_RRQ ? "RRQ" : "WRQ", p->file, p->mode);
		break;
	case TFTP_OACK:
		buf_text(to, "OACK");
		break;
	case TFTP_DATA:
		buf_printf(to, "DATA %u, %zu bytes", p->block, p->data.len);
		return;
	case TFTP_ACK:
		buf_printf(to, "ACK %u", p->block);
		return;
	case TFTP_ERROR:
		buf_printf(to, "ERROR %u", p->code);
		put(to, tftp_error_text(p->code), p->data);
		return;
	}
	for (size_t i = 0; i < p->option_count; i++) {
		buf_char(to, ' ');
		buf_append(to, p->option[i].name);
		buf_char(to, '=');
		buf_append(to, p->option[i].value);
	}
}

void words_http_request(struct buf *to, const struct http_request_head *head)
{
	buf_append(to, head->method);
	buf_char(to, ' ');
	buf_append(to, head->target);
}

void words_http_answer(struct buf *to, const struct http_answer_head *head)
{
	const struct http_field *length = http_field_find(&head->fields, "Content-Length");

	buf_printf(to, "%u ", head->status);
	buf_append(to, head->reason);
	if (length != NULL) {
		buf_text(to, ", ");
		buf_append(to, length->value);
		buf_text(to, " bytes");
	}
}

static void put_header(struct buf *to, const char *name, struct slice value)
{
	char text[160];

	if (value.len == 0)
		return;
	sip_text(value, text, sizeof text);
	buf_printf(to, "; %s: %s", name, text);
}

void words_sip(struct buf *to, const struct sip_message *m)
{
	if (m->is_request) {
		buf_append(to, m->method);
		buf_char(to, ' ');
		buf_append(to, m->uri);
	} else {
		buf_printf(to, "%u ", m->status);
		buf_append(to, m->phrase);
		buf_text(to, " to ");
		buf_append(to, m->cseq_method);
	}
	put_header(to, "To", m->to);
	if (m->is_request)
		put_header(to, "Contact", m->contact);
	if (m->has_expires)
		buf_printf(to, "; Expires: %u", m->expires_s);
	put_header(to, "Warning", m->warning);
	put_header(to, "Reason", m->reason);
	put_header(to, "Retry-After", m->retry_after);
	put_header(to, "Event", m->event);
	if (m->authorization.len > 0)
		buf_text(to, "; with credentials");
}
