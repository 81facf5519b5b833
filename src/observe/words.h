/* Messages as one line of words each, for the ladder: what a message says, without who sent it to
 * whom. Texts of peers go in raw: who prints them escapes the line. */
#ifndef DIALTONE_OBSERVE_WORDS_H
#define DIALTONE_OBSERVE_WORDS_H

#include "base/buf.h"
#include "proto/arp/arp.h"
#include "proto/cdp/cdp.h"
#include "proto/dhcp/dhcp.h"
#include "proto/dns/dns.h"
#include "proto/eapol/eapol.h"
#include "proto/http/http_head.h"
#include "proto/icmp/icmp.h"
#include "proto/lldp/lldp.h"
#include "proto/ntp/ntp.h"
#include "proto/sip/sip.h"
#include "proto/tftp/tftp.h"

void words_arp(struct buf *to, const struct arp *arp);
void words_cdp(struct buf *to, const struct cdp *cdp);
void words_dhcp(struct buf *to, const struct dhcp_message *m);
void words_dns(struct buf *to, const struct dns *dns);
void words_eapol(struct buf *to, const struct eapol *eapol);
void words_http_request(struct buf *to, const struct http_request_head *head);
void words_http_answer(struct buf *to, const struct http_answer_head *head);
void words_icmp(struct buf *to, const struct icmp *icmp);
void words_lldp(struct buf *to, const struct lldp *lldp);
void words_ntp(struct buf *to, const struct ntp *ntp);
void words_sip(struct buf *to, const struct sip_message *m);
void words_tftp(struct buf *to, const struct tftp_packet *p);

#endif
