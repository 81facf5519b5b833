/* The CallManager list: failover, standby, fail-back, tokens. */
#include "harness.h"
#include "phone/lab.h"

#define SRST_FILE                                                                                  \
	"<device><devicePool><callManagerGroup><members><member priority=\"0\"><callManager>"      \
	"<processNodeName>10.77.0.1</processNodeName></callManager></member></members>"            \
	"</callManagerGroup><srstInfo><srstOption>Enable</srstOption>"                             \
	"<ipAddr1>10.77.0.9</ipAddr1><port1>2000</port1></srstInfo>"                               \
	"<connectionMonitorDuration>40</connectionMonitorDuration></devicePool></device>"

static const struct ip4 first = {{10, 77, 0, 1}};
static const struct ip4 nobody;

static void boot_with_two(struct lab *lab, const char *model)
{
	lab_init(lab, model);
	lab->own_file = lab_file_of_two;
	lab_power_on(lab);
	lab_sleep_until(lab, PHONE_REGISTERED);
	(void)lab_said(lab);
}

static void sleep_for(struct lab *lab, dt_time time)
{
	dt_time end = lab->now + time;

	while (phone_deadline(lab->phone) <= end)
		(void)lab_sleep(lab);
	lab->now = end;
}

static unsigned registered_with(const struct lab *lab)
{
	return phone_state(lab->phone) == PHONE_REGISTERED ? lab_view(lab).callmanager.ip.b[3] : 0;
}

static void send_reset(struct lab *lab, uint32_t type)
{
	struct sccp_message m = {.id = SCCP_RESET, .value = type};

	lab_send(lab, &m);
	lab_settle(lab);
}

TEST("once registered the phone keeps a second connection on which it never registers")
{
	struct lab lab;

	boot_with_two(&lab, "7961");
	assert_int_equal(lab_view(&lab).standby.port, 0);
	assert_int_equal(lab_sleep(&lab), DT_SECONDS(10));
	assert_string_equal(lab_said(&lab), "tcp connect 2 to 10.77.0.2:2000\n");
	assert_int_equal(lab_view(&lab).standby.ip.b[3], 2);
	sleep_for(&lab, DT_SECONDS(600));
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "standby KeepAlive\n"));
	assert_null(strstr(said, "Register"));
	assert_null(strstr(said, "tcp"));
	assert_int_equal(lab_view(&lab).standby_keepalives, 10);
	assert_int_equal(lab_view(&lab).keepalives_sent, 20);
	lab_done(&lab);
}

TEST("a model without a standby connection opens none")
{
	struct lab lab;
	struct phone_profile alone = *phone_profile_find("7961");

	alone.has_standby = false;
	lab_init(&lab, "7961");
	lab.config.profile = &alone;
	lab.own_file = lab_file_of_two;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	(void)lab_said(&lab);
	sleep_for(&lab, DT_SECONDS(600));
	assert_null(strstr(lab_said(&lab), "tcp"));
	lab_done(&lab);
}

TEST("a standby that never answers a keepalive is kept")
{
	struct lab lab;

	boot_with_two(&lab, "7961");
	lab.standby_mute = true;
	sleep_for(&lab, DT_SECONDS(3600));
	const char *said = lab_said(&lab);
	assert_null(strstr(said, "tcp close"));
	assert_in_range(lab_view(&lab).standby_keepalives, 58, 60);
	assert_int_equal(lab_view(&lab).standby.ip.b[3], 2);
	lab_done(&lab);
}

TEST("when the active CallManager closes, the standby takes the phone at once, without a new "
     "connection")
{
	for (int reset = 0; reset < 2; reset++) {
		struct lab lab;
		boot_with_two(&lab, "7961");
		sleep_for(&lab, DT_SECONDS(20));
		lab.tcp_refuse_ip = first;
		(void)lab_said(&lab);
		lab_close(&lab, 1, reset != 0);
		const char *said = lab_said(&lab);
		assert_null(strstr(said, "tcp connect"));
		assert_non_null(
		    strstr(said, reset != 0 ? "sccp Alarm \"12: " : "sccp Alarm \"14: "));
		assert_int_equal(registered_with(&lab), 2);
		assert_int_equal(lab_view(&lab).failovers, 1);
		lab_done(&lab);
	}
}

TEST("three lost keepalives are a lost CallManager")
{
	struct lab lab;

	boot_with_two(&lab, "7961");
	sleep_for(&lab, DT_SECONDS(20));
	lab.skip = SCCP_KEEP_ALIVE_ACK;
	(void)lab_said(&lab);
	sleep_for(&lab, DT_SECONDS(105));
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "tcp close 1\n"));
	assert_non_null(strstr(said, "sccp Alarm \"17: "));
	assert_int_equal(registered_with(&lab), 2);
	lab_done(&lab);
}

TEST("without an open standby the next member is connected to")
{
	struct lab lab;

	boot_with_two(&lab, "7961");
	lab_close(&lab, 1, true);
	assert_non_null(strstr(lab_said(&lab), "tcp connect 2 to 10.77.0.2:2000\n"));
	assert_int_equal(registered_with(&lab), 2);
	lab_done(&lab);
}

/* Registered with the second one, the first one away. */
static void fail_over(struct lab *lab, const char *model)
{
	boot_with_two(lab, model);
	sleep_for(lab, DT_SECONDS(20));
	lab->tcp_refuse_ip = first;
	lab_close(lab, 1, true);
	assert_int_equal(registered_with(lab), 2);
	sleep_for(lab, DT_SECONDS(300));
	assert_int_equal(registered_with(lab), 2);
	(void)lab_said(lab);
}

TEST("the primary must be back for the monitor duration; then token, Unregister, and home")
{
	struct lab lab;

	fail_over(&lab, "7961");
	lab.tcp_refuse_ip = nobody;
	sleep_for(&lab, DT_SECONDS(115));
	assert_null(strstr(lab_said(&lab), "Register"));
	sleep_for(&lab, DT_SECONDS(16));
	const char *said = lab_said(&lab);
	const char *token = strstr(said, "standby RegisterTokenReq\n");
	assert_non_null(token);
	const char *left = strstr(token, "sccp Unregister\n");
	assert_non_null(left);
	const char *home = strstr(left, "sccp Alarm \"18: ");
	assert_non_null(home);
	assert_non_null(strstr(home, "sccp Register\n"));
	assert_int_equal(registered_with(&lab), 1);
	assert_int_equal(lab_view(&lab).failbacks, 1);
	/* And the second one is the standby again. */
	sleep_for(&lab, DT_SECONDS(20));
	assert_int_equal(lab_view(&lab).standby.ip.b[3], 2);
	lab_done(&lab);
}

TEST("a 7960 goes home without a token")
{
	struct lab lab;

	fail_over(&lab, "7960");
	lab.tcp_refuse_ip = nobody;
	sleep_for(&lab, DT_SECONDS(135));
	const char *said = lab_said(&lab);
	assert_null(strstr(said, "Token"));
	assert_non_null(strstr(said, "sccp Unregister\n"));
	assert_int_equal(registered_with(&lab), 1);
	lab_done(&lab);
}

TEST("a refused token keeps the phone where it is, and it asks again when told")
{
	struct lab lab;

	fail_over(&lab, "7961");
	lab.tcp_refuse_ip = nobody;
	lab.token_wait_s = 77;
	sleep_for(&lab, DT_SECONDS(135));
	assert_int_equal(registered_with(&lab), 2);
	assert_int_equal(lab_view(&lab).tokens_rejected, 1);
	assert_null(strstr(lab_said(&lab), "Unregister"));
	lab.token_wait_s = 0;
	sleep_for(&lab, DT_SECONDS(78));
	assert_int_equal(registered_with(&lab), 1);
	assert_int_equal(lab_view(&lab).tokens_asked, 2);
	lab_done(&lab);
}

TEST("an unanswered token costs the standby connection, not the registration")
{
	struct lab lab;

	fail_over(&lab, "7961");
	lab.tcp_refuse_ip = nobody;
	lab.skip = SCCP_REGISTER_TOKEN_ACK;
	sleep_for(&lab, DT_SECONDS(400));
	assert_int_equal(registered_with(&lab), 2);
	assert_true(lab_view(&lab).tokens_asked > 1);
	lab.skip = 0;
	sleep_for(&lab, DT_SECONDS(300));
	assert_int_equal(registered_with(&lab), 1);
	lab_done(&lab);
}

TEST("a CallManager that knows of a call answers Unregister with 2, and the phone stays")
{
	struct lab lab;

	fail_over(&lab, "7961");
	lab.tcp_refuse_ip = nobody;
	lab.unregister_status = 2;
	sleep_for(&lab, DT_SECONDS(140));
	assert_int_equal(registered_with(&lab), 2);
	assert_int_equal(lab_view(&lab).failbacks, 0);
	lab.unregister_status = 0;
	sleep_for(&lab, DT_SECONDS(140));
	assert_int_equal(registered_with(&lab), 1);
	lab_done(&lab);
}

TEST("a primary that refuses the registration makes the phone toggle")
{
	struct lab lab;

	lab_init(&lab, "7961");
	lab.own_file = lab_file_of_two;
	lab.reject_ip = first;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_int_equal(registered_with(&lab), 2);
	sleep_for(&lab, DT_SECONDS(700));
	assert_int_equal(registered_with(&lab), 2);
	assert_true(lab_view(&lab).failbacks >= 3);
	assert_true(lab_view(&lab).registrations >= 4);
	lab_done(&lab);
}

TEST("where tokens come first, a refused one leads to the next member, and the last to a wait")
{
	struct lab lab;
	struct phone_profile first_token = *phone_profile_find("7961");

	first_token.token_start = true;
	lab_init(&lab, "7961");
	lab.config.profile = &first_token;
	lab.own_file = lab_file_of_two;
	lab.token_wait_s = 45;
	lab_power_on(&lab);
	(void)lab_sleep(&lab);
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "tcp connect 1 to 10.77.0.1:2000\n"));
	assert_non_null(strstr(said, "tcp connect 2 to 10.77.0.2:2000\n"));
	assert_null(strstr(said, "sccp Register\n"));
	lab.token_wait_s = 0;
	assert_in_range(lab_sleep(&lab), DT_SECONDS(45), DT_SECONDS(46));
	assert_non_null(strstr(lab_said(&lab), "sccp RegisterTokenReq\nsccp Register\n"));
	assert_int_equal(registered_with(&lab), 1);
	lab_done(&lab);
}

TEST("the SRST gateway comes last, is never a standby, and is left when a member is back")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab.own_file = SRST_FILE;
	lab.tcp_refuse_ip = first;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_int_equal(registered_with(&lab), 9);
	lab.tcp_refuse_ip = nobody;
	sleep_for(&lab, DT_SECONDS(60));
	assert_int_equal(registered_with(&lab), 1);
	sleep_for(&lab, DT_SECONDS(60));
	assert_int_equal(lab_view(&lab).standby.port, 0);
	lab_done(&lab);
}

TEST("apply config that changes nothing costs nothing; another list a restart, another load a boot")
{
	static const char other_load[] =
	    "<device><devicePool><callManagerGroup><members><member priority=\"0\"><callManager>"
	    "<processNodeName>10.77.0.1</processNodeName></callManager></member></members>"
	    "</callManagerGroup></devicePool><loadInformation>SCCP41.9-4-2SR3-1S</loadInformation>"
	    "</device>";
	struct lab lab;

	lab_boot(&lab, "7961");
	send_reset(&lab, 3);
	assert_string_equal(lab_said(&lab), "tftp RRQ " LAB_OWN_FILE "\ntftp ACK 1\n");
	assert_int_equal(registered_with(&lab), 1);
	lab.own_file = lab_file_of_two;
	send_reset(&lab, 3);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "sccp Unregister\n"));
	assert_non_null(strstr(said, "sccp Alarm \"23: "));
	assert_null(strstr(said, "DISCOVER"));
	lab.own_file = other_load;
	send_reset(&lab, 3);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	said = lab_said(&lab);
	assert_non_null(strstr(said, "dhcp DISCOVER"));
	assert_non_null(strstr(said, "tftp RRQ SCCP41.9-4-2SR3-1S.loads\n"));
	lab_done(&lab);
}

TEST("apply config without an answer leaves the phone as it is")
{
	struct lab lab;

	lab_boot(&lab, "7961");
	lab.own_file = NULL;
	send_reset(&lab, 3);
	assert_int_equal(registered_with(&lab), 1);
	lab.tftp_mute = true;
	send_reset(&lab, 3);
	sleep_for(&lab, DT_SECONDS(60));
	assert_int_equal(registered_with(&lab), 1);
	assert_int_equal(lab_view(&lab).registrations, 1);
	lab_done(&lab);
}
