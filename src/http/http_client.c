#include "http/http_client.h"

#include "base/error.h"
#include "base/text.h"

#include "base/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HEAD_MAX 4096

static int keep_errno_close(int fd)
{
	int error = errno;

	(void)close(fd);
	errno = error;
	return -1;
}

static int connect_tcp(const char *where)
{
	struct endpoint at;
	struct sockaddr_in address = {.sin_family = AF_INET};

	if (endpoint_parse(where, &at) != 0) {
		errno = EINVAL;
		return -1;
	}
	memcpy(&address.sin_addr, at.ip.b, sizeof address.sin_addr);
	address.sin_port = htons(at.port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	return keep_errno_close(fd);
}

static int connect_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || !text_copy(address.sun_path, sizeof address.sun_path, path))
		return fd;
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	return keep_errno_close(fd);
}

static int connect_to(const char *server)
{
	static const char tcp[] = "tcp://";

	if (strncmp(server, tcp, sizeof tcp - 1) == 0)
		return connect_tcp(server + sizeof tcp - 1);
	return connect_unix(server);
}

static int send_all(int fd, struct slice bytes)
{
	while (bytes.len > 0) {
		ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return E_SYSTEM;
		bytes = slice_from(bytes, (size_t)n);
	}
	return 0;
}

static int receive_all(int fd, struct buf *to)
{
	uint8_t bytes[16384];

	for (;;) {
		ssize_t n = recv(fd, bytes, sizeof bytes, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return E_SYSTEM;
		if (n == 0)
			return buf_error(to);
		buf_append(to, slice_of(bytes, (size_t)n));
	}
}

/* Takes the head off; HTTP/1.0, so that the body ends with the connection. */
static int read_answer(const struct buf *answer, unsigned *ret_status, struct buf *to)
{
	const char *text = buf_cstr(answer);
	const char *end = strstr(text, "\r\n\r\n");

	if (strncmp(text, "HTTP/1.", 7) != 0 || strlen(text) < 12 || end == NULL)
		return E_BAD_FORMAT;
	*ret_status = (unsigned)strtoul(text + 9, NULL, 10);
	buf_append(to, slice_from(buf_slice(answer), (size_t)(end + 4 - text)));
	return buf_error(to);
}

int http_client_request(const char *server, const char *token, const char *method,
			const char *target, struct slice body, unsigned *ret_status, struct buf *to)
{
	struct buf request;
	struct buf answer;
	int fd = connect_to(server);

	if (fd < 0)
		return E_SYSTEM;
	buf_init(&request, HEAD_MAX + body.len);
	buf_init(&answer, to->max + HEAD_MAX);
	buf_printf(&request, "%s %s HTTP/1.0\r\nHost: dialtone\r\nConnection: close\r\n", method,
		   target);
	if (token != NULL)
		buf_printf(&request, "Authorization: Bearer %s\r\n", token);
	if (body.len > 0)
		buf_printf(&request, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
			   body.len);
	buf_text(&request, "\r\n");
	buf_append(&request, body);
	int error = buf_error(&request);
	if (error == 0)
		error = send_all(fd, buf_slice(&request));
	if (error == 0)
		error = receive_all(fd, &answer);
	if (error == 0)
		error = read_answer(&answer, ret_status, to);
	(void)close(fd);
	buf_done(&request);
	buf_done(&answer);
	return error;
}
