/* Prints frames for tshark to judge, one "id version name call line hex" line each: every sample,
 * and every message dialtone sends in every version, filled from a seed. Call and line are what the
 * dissector must find too; - where the message has none. */
#include "catalogue.h"
#include "samples.h"

#include "proto/sccp/sccp_fields.h"

#include <stdio.h>

static void print_field(const struct sccp_message *m, uint8_t version, const char *name)
{
	struct sccp_fields fields;
	struct sccp_value v;

	sccp_fields_begin(&fields, m, version);
	while (sccp_fields_next(&fields, &v)) {
		if (v.kind == SCCP_VALUE_NUMBER && strcmp(v.name, name) == 0) {
			(void)printf("%u ", v.number);
			return;
		}
	}
	(void)printf("- ");
}

static void print_frame(const struct sccp_message *m, uint8_t version)
{
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	if (sccp_encode(m, version, &w) != 0) {
		(void)printf("%u %u unencodable\n", m->id, version);
		return;
	}
	struct sccp_message sent;
	if (sccp_decode_as(writer_done(&w), version, &sent, NULL) != 0)
		return;
	(void)printf("%u %u %s ", m->id, version, sccp_id_name(m->id));
	print_field(&sent, version, "call");
	print_field(&sent, version, "line");
	for (size_t at = 0; at < w.pos; at++)
		(void)printf("%02x", bytes[at]);
	(void)printf("\n");
}

/* A body whose length depends on a number in it: the dissector takes less than its room. */
static bool is_open(const struct sccp_form *form)
{
	for (const struct sccp_field *f = form->fields; f->kind != SCCP_FIELD_END; f++) {
		if (f->kind == SCCP_FIELD_CHOICE || f->kind == SCCP_FIELD_DATA ||
		    (f->kind == SCCP_FIELD_ARRAY && f->param < SCCP_REGISTERS))
			return true;
	}
	return false;
}

/* What dialtone only reads cannot be filled; but its size can be judged. Zeros as long as the rows
 * say are a whole body, four bytes less are not: those lines say "short" instead of a name. */
static void print_zeros(const struct sccp_form *form, uint8_t version)
{
	static const uint8_t zeros[SCCP_LENGTH_MAX];
	size_t size = sccp_fields_size(form->fields);
	struct sccp_message m = {.header_version = sccp_header_version(form->id, version),
				 .id = form->id};
	uint8_t bytes[SCCP_FRAME_MAX];

	for (size_t cut = 0; cut <= 4 && cut < size && (cut == 0 || !is_open(form)); cut += 4) {
		struct writer w = writer_of(bytes, sizeof bytes);
		m.raw = slice_of(zeros, size - cut);
		if (sccp_encode(&m, version, &w) != 0)
			return;
		(void)printf("%u %u %s - - ", m.id, version,
			     cut > 0 ? "short" : sccp_id_name(m.id));
		for (size_t at = 0; at < w.pos; at++)
			(void)printf("%02x", bytes[at]);
		(void)printf("\n");
	}
}

/* The dissector goes by the total of a template and stumbles over one that exceeds the array. */
static void tidy_templates(struct sccp_message *m)
{
	if (m->id == SCCP_BUTTON_TEMPLATE_RES)
		m->buttons.total = m->buttons.count;
	else if (m->id == SCCP_SOFT_KEY_TEMPLATE_RES)
		m->soft_keys.total = m->soft_keys.count;
	else if (m->id == SCCP_SOFT_KEY_SET_RES)
		m->soft_key_sets.total = m->soft_key_sets.count;
}

int main(void)
{
	struct rand rand = rand_of(42);

	for (size_t i = 0; i < sccp_samples_count; i++)
		print_frame(&sccp_samples[i].message, sccp_samples[i].version);
	for (size_t i = 0; i < catalogue_count; i++) {
		for (size_t v = 0; v < catalogue_version_count; v++) {
			struct sccp_message m;
			if (!catalogue_fill(catalogue_ids[i], catalogue_versions[v], &rand, &m))
				break;
			tidy_templates(&m);
			print_frame(&m, catalogue_versions[v]);
		}
	}
	for (size_t i = 0; i < catalogue_count; i++) {
		const struct sccp_form *form = sccp_form_first(catalogue_ids[i]);
		for (size_t v = 1; form != NULL && !form->sent && v < catalogue_version_count; v++)
			print_zeros(sccp_form_send(form, catalogue_versions[v]),
				    catalogue_versions[v]);
	}
	return 0;
}
