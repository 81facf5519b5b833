/* Writes our own files into a directory, for judges nobody here wrote. */
#include "cnf/cnf.h"

static int save(const char *directory, const char *name, const struct buf *file)
{
	char path[512];
	(void)snprintf(path, sizeof path, "%s/%s", directory, name);
	FILE *f = fopen(path, "wb");
	if (f == NULL)
		return 1;
	(void)fwrite(file->ptr, 1, file->len, f);
	return fclose(f);
}

int main(int argc, char **argv)
{
	struct settings s = settings_default();
	struct device d = {.name = "SEP003094C2D5CA", .type = 7, .load = "A&B<\"C", .version = 5};
	struct buf file;

	if (argc != 2)
		return 2;
	s.server_ip = ip4_of(0x0a4d0001);
	buf_init(&file, CNF_FILE_MAX);
	int failed = cnf_phone_render(&d, &s, &file) != 0 ||
		     save(argv[1], "SEP003094C2D5CA.cnf.xml", &file) != 0;
	buf_clear(&file);
	failed |=
	    cnf_default_render(&s, &file) != 0 || save(argv[1], "XMLDefault.cnf.xml", &file) != 0;
	buf_done(&file);
	return failed;
}
