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
	static struct provision p = {.name = "SEP003094C2D5CA",
				     .type = 7,
				     .servers = 1,
				     .server = {{"cm1", "10.77.0.1", {{10, 77, 0, 1}}, 2000}},
				     .date_template = "D/M/Y",
				     .load = "A&B<\"C",
				     .softkey = {{1, 2, 5}, {3, 9}},
				     .stamp = 5};
	struct cnf_model_load load = {7, "A&B<\"C"};
	struct cnf_ring ring = {"A&B_<C>.raw"};
	struct buf file;
	int failed = 0;

	if (argc != 2)
		return 2;
	buf_init(&file, CNF_FILE_MAX);
#define SAVE(name, made)                                                                           \
	buf_clear(&file);                                                                          \
	failed |= (made) != 0 || save(argv[1], name, &file) != 0
	SAVE("SEP003094C2D5CA.cnf.xml", cnf_phone_render(&p, false, &file));
	SAVE("XMLDefault.cnf.xml", cnf_default_render(&p, &load, 1, &file));
	SAVE("Ringlist.xml", cnf_rings_render(&ring, 1, &file));
	SAVE("dialplan.xml", cnf_dial_plan_render(&p, true, &file));
	SAVE("DialTemplate.xml", cnf_dial_plan_render(&p, false, &file));
	SAVE("AppDialRules.xml", cnf_app_dial_rules_render(&file));
	SAVE("SoftKeys.xml", cnf_softkeys_render(&p, &file));
	buf_done(&file);
	return failed;
}
