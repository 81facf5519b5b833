/* Where things stand in a DHCP packet (RFC 2131 figure 1); for the codec's own files. */
#ifndef DIALTONE_PROTO_DHCP_DHCP_LAYOUT_H
#define DIALTONE_PROTO_DHCP_DHCP_LAYOUT_H

#define DHCP_FIXED_SIZE     236
#define DHCP_SNAME_AT       44
#define DHCP_SNAME_SIZE     64
#define DHCP_FILE_AT        108
#define DHCP_FILE_SIZE      128
#define DHCP_COOKIE         0x63825363u
#define DHCP_BOOTP_SIZE     300 /* RFC 1542: shorter ones are dropped by some relays and phones */
#define DHCP_OVERLOAD_FILE  1
#define DHCP_OVERLOAD_SNAME 2

#endif
